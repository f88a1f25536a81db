"""What a forward pass keeps for the backward pass, and how it is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode


def saved_bytes(run: Callable[[], object]) -> int:
    """Memory that the graph of ``run`` keeps alive, in bytes.

    Args:
        run (Callable): A forward pass; its result is held meanwhile.

    Returns:
        int: Size of all storages saved for backward, each counted once.
    """
    sizes: dict[int, int] = {}
    # an address is not used twice while its tensor lives
    held: list[object] = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        held.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        held.append(run())
    return sum(sizes.values())


class LaunchCounter(TorchDispatchMode):
    """Counts the operators that write memory: kernel launches on a GPU.

    Views are free and not counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        returned = func._schema.returns
        is_view = returned and all(
            value.alias_info is not None and not value.alias_info.is_write
            for value in returned
        )
        if not is_view and func is not torch.ops.aten.empty.memory_format:
            self.calls[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))
