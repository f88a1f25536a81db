"""One diffusion block, forward and backward, against the dense one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from mmscm.models import ActivationDiffusionBlock

from .dense_neck import dense_block
from .graph import LaunchCounter, saved_bytes
from .setting import Setting
from .timing import compare

SIDES = (7, 14, 20, 28, 32)
# the graph of the dense reference would need 6 GB at 64 x 64
LARGE_SIDES = (48, 64)
# a block takes milliseconds up to 20 x 20, where one interruption shows
MORE_ROUNDS = 10


def benchmark_neck(setting: Setting) -> dict[str, list]:
    """Time, graph memory and launches of a block on growing grids.

    Args:
        setting (Setting): Batch, classes and rounds are read.

    Returns:
        dict[str, list]: 'times' (list[Row]), 'memory' and 'launches' (lists
        of dicts).
    """
    times, memory = [], []
    for side in (*SIDES, *LARGE_SIDES):
        case = Case(setting, side)
        passes = {name: case.backward(name) for name in case.forwards}
        rounds = setting.rounds * (MORE_ROUNDS if side <= 20 else 1)
        times += compare(case.name, passes, rounds, setting.clock)
        for name, forward in case.forwards.items():
            size = saved_bytes(forward)
            memory.append(dict(case=case.name, name=name, bytes=size))
    return dict(times=times, memory=memory, launches=_launches(setting))


class Case:
    """Both blocks on the same random maps.

    Args:
        setting (Setting): Batch and classes.
        side (int): Rows and columns of patches.
    """

    def __init__(self, setting: Setting, side: int) -> None:
        torch.manual_seed(0)
        self.name = f'{side}x{side}'
        block = ActivationDiffusionBlock()
        maps = setting.batch, side, side
        channels = setting.batch, setting.num_classes, side, side
        self.inputs = (
            torch.randn(channels, requires_grad=True),
            torch.rand(maps, requires_grad=True),
            block.lambda_,
            block.beta,
        )
        self.upstream = torch.randn(channels), torch.randn(maps)
        self.forwards: dict[str, Callable[[], tuple[Tensor, Tensor]]] = {
            'dense': lambda: dense_block(*self.inputs),
            'mmscm': lambda: block(*self.inputs[:2]),
        }
        if side in LARGE_SIDES:
            del self.forwards['dense']

    def backward(self, name: str) -> Callable[[], tuple[Tensor, ...]]:
        """A forward and backward pass."""
        return lambda: torch.autograd.grad(
            self.forwards[name](), self.inputs, self.upstream
        )


def _launches(setting: Setting) -> list[dict]:
    case, found = Case(setting, 14), []
    for name in case.forwards:
        with LaunchCounter() as counter:
            case.backward(name)()
        most = dict(counter.calls.most_common(6))
        found.append(
            dict(name=name, launches=counter.calls.total(), most=most)
        )
    return found
