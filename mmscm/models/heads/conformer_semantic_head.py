"""The head of a Conformer: the semantic map beside the CNN's logits."""

from __future__ import annotations

from torch import Tensor, nn

from mmscm.registry import MODELS

from .cam_head import HE_INIT, SemanticHead

# mmpretrain's and the released code's
LINEAR_INIT = dict(type='TruncNormal', layer='Linear', std=0.02)


@MODELS.register_module()
class ConformerSemanticHead(SemanticHead):
    """Logits are GAP(S) plus a linear layer on the CNN's pooled features.

    The CNN takes no part in the localization map. Its last stage has
    ``cnn_channels``; other arguments are those of :class:`SemanticHead`.
    """

    def __init__(
        self, num_classes: int, in_channels: int, cnn_channels: int, **kwargs
    ) -> None:
        kwargs.setdefault('init_cfg', [HE_INIT, LINEAR_INIT])
        super().__init__(num_classes, in_channels, **kwargs)
        self.fc = nn.Linear(cnn_channels, num_classes)

    def project(self, tokens: tuple[Tensor, Tensor]) -> Tensor:
        """Semantic map S^0 of tokens (B, D, H, W), CNN features aside."""
        return super().project(tokens[0])

    def forward(
        self, features: tuple[Tensor, tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Logits (B, C), the sum of both branches.

        Features are the semantic map S (B, C, H, W), and the patch tokens with
        the CNN features (B, D_cnn).
        """
        _, (_, pooled) = features
        return super().forward(features) + self.fc(pooled)
