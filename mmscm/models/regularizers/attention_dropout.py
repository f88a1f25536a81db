"""ADL: drop or weigh features by their own attention."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32, below_peak
from mmscm.models.layers import find_layer
from mmscm.registry import MODELS

from .regularizer import Regularizer


@MODELS.register_module()
class AttentionDropout(Regularizer):
    """Attention-based Dropout Layer (Choe and Shim, CVPR 2019).

    In training, the output of each layer is multiplied either by where its
    mean over the channels is low, or by the sigmoid of that mean; one draw a
    layer and batch decides. The layers' outputs must not be negative.

    Args:
        after (Sequence[str]): Layers of the backbone, or of the head as
            ``head.hidden.1``.
        drop_rate (float): Probability of the first, in [0, 1].
        drop_thr (float): Low is below this part of the image's maximum.
    """

    def __init__(
        self, after: Sequence[str], drop_rate: float, drop_thr: float
    ) -> None:
        super().__init__()
        self.after = after
        self.drop_rate = drop_rate
        self.drop_thr = drop_thr

    def bind(self, model: nn.Module) -> None:
        """Stand behind the layers."""
        super().bind(model)
        for name in self.after:
            part = model.backbone
            if name.startswith('head.'):
                part, name = model.head, name.removeprefix('head.')
            find_layer(part, name).register_forward_hook(self._drop)

    def _drop(
        self, layer: nn.Module, inputs: tuple, output: Tensor
    ) -> Tensor | None:
        if not self.training:
            return None
        importance = at_least_float32(output).mean(1, keepdim=True).sigmoid()
        low = below_peak(output, self.drop_thr).to(importance.dtype)
        drops = self.draw(1, device=output.device) + self.drop_rate >= 1
        return output * torch.where(drops, low, importance).to(output.dtype)
