"""Find numbers that are not finite, on one rank or on any, and name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from mmengine.dist import all_gather_object, all_reduce, get_world_size
from mmengine.optim import OptimWrapper
from torch import Tensor

SHOWN = 5  # names in a message


def non_finite(tensors: Mapping[str, Any]) -> list[str]:
    """Names of the tensors with a value that is not finite.

    Args:
        tensors (Mapping[str, Any]): By name; anything else is left out.

    Returns:
        list[str]: In their order.
    """
    return [
        name
        for name, tensor in tensors.items()
        if isinstance(tensor, Tensor) and not tensor.isfinite().all()
    ]


def first_non_finite(maps: Iterable[tuple[str, Sequence[Tensor]]]) -> str:
    """Where numbers first stop being finite, as the end of a sentence.

    Args:
        maps (Iterable): Places and the tensors there, first ones first.

    Returns:
        str: Empty where all are finite.
    """
    for place, tensors in maps:
        if non_finite(dict(enumerate(tensors))):
            return f', first in the maps {place}'
    return ', behind finite maps of all blocks' if maps else ''


def gradient_norm(optim_wrapper: OptimWrapper) -> Tensor:
    """L2 norm of all gradients, 0-d; before clipping, where they are clipped.

    Args:
        optim_wrapper (OptimWrapper): About to make a step.

    Returns:
        Tensor: Infinite beyond 1.8e19 too, where squares of a float32
        overflow in the optimizer.
    """
    clipped = optim_wrapper.clip_grad_kwargs is not None
    if clipped and optim_wrapper.grad_name == 'grad_norm':
        logged = optim_wrapper.message_hub.get_scalar('train/grad_norm')
        return torch.tensor(logged.current())
    groups = optim_wrapper.optimizer.param_groups
    grads = [p.grad for group in groups for p in group['params']]
    norms = [torch.linalg.vector_norm(g) for g in grads if g is not None]
    return torch.stack(norms).norm() if norms else torch.zeros(())


def on_any_rank(bad: Tensor | bool) -> bool:
    """Whether it is true on this or any other process.

    Args:
        bad (Tensor | bool): What this process found, 0-d.
    """
    if get_world_size() == 1:
        return bool(bad)
    flag = torch.as_tensor(bad).to(torch.uint8).clone()
    all_reduce(flag, 'max')
    return bool(flag)


def reports_of_ranks(report: str | None) -> str:
    """What the ranks have to say, the same text on all of them.

    Args:
        report (str, optional): Of this rank; nothing where all is well.
    """
    reports = all_gather_object(report)
    told = {rank: text for rank, text in enumerate(reports) if text}
    if len(reports) == 1:
        return reports[0]
    first = next(iter(told.values()))
    return f'{first} on rank {", ".join(map(str, told))} of {len(reports)}'


def in_words(names: Sequence[str]) -> str:
    """The first names and how many there are."""
    more = f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''
    return ', '.join(names[:SHOWN]) + more
