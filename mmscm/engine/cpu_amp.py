"""Mixed precision on the CPU, which mmengine's AmpOptimWrapper refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from torch import nn

from mmscm.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class CPUAmpOptimWrapper(OptimWrapper):
    """Forward passes under bfloat16 autocast.

    bfloat16 has the range of float32, so that no loss scaling is needed.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter autocast around the host's context."""
        autocast = torch.autocast('cpu', dtype=torch.bfloat16)
        with super().optim_context(model), autocast:
            yield
