"""EIL: classify once more without the strongest features."""

from __future__ import annotations

from torch import Tensor, nn

from mmscm.functional.maps import below_peak
from mmscm.models.layers import Tail
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step


@MODELS.register_module()
class ErasedTwin(Regularizer):
    """Erasing Integrated Learning (Mai et al., CVPR 2020).

    The layers behind one run a second time, with the same weights, on its
    output where the mean over the channels is low.

    Args:
        after (str): Layer of the backbone.
        drop_thr (float): Low is below this part of the image's maximum.
    """

    needs_labels = True

    def __init__(self, after: str, drop_thr: float) -> None:
        super().__init__()
        self.after = after
        self.drop_thr = drop_thr

    def bind(self, model: nn.Module) -> None:
        """Find the layers that run twice."""
        super().bind(model)
        self.tail = Tail(model.backbone, self.after)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Cross-entropy of the erased pass, ``loss_twin``."""
        head, features = self.model.head, self.tail.take()
        tokens = self.tail(features * below_peak(features, self.drop_thr))
        logits = head((head.project(tokens), tokens))
        return dict(loss_twin=head.loss_module(logits, step.labels))
