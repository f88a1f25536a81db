"""SPOL's second stage: object and background, from masks of the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.gaussian_prior import IGNORE, OBJECT
from mmscm.functional.maps import at_least_float32
from mmscm.registry import MODELS

from .agnostic_head import AgnosticHead
from .mff_head import WIDTH, MultiplicativeFusion


@MODELS.register_module()
class PseudoMaskHead(AgnosticHead):
    """Class-agnostic segmentation by fused features (SPOL, CVPR 2021).

    Args:
        num_classes (int): C, number of classes.
        in_channels (Sequence[int]): Widths of the backbone's maps, the
            shallowest first.
        **kwargs: Those of mmpretrain's ``ClsHead``.
    """

    needs_labels = True  # and the mask of one image

    def __init__(
        self, num_classes: int, in_channels: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.fusion = MultiplicativeFusion(in_channels)
        self.dropout = nn.Dropout(0.5)
        self.conv = nn.Conv2d(WIDTH, 1, 1)

    def project(self, tokens: Tensor | tuple[Tensor, ...]) -> Tensor:
        """Logit of the object, shape (B, 1, H_0, W_0)."""
        fused, _ = self.fusion(tokens)
        return self.conv(self.dropout(fused))

    def loss(
        self,
        features: tuple[Tensor, Tensor | tuple[Tensor, ...]],
        data_samples: list[DataSample],
    ) -> dict[str, Tensor]:
        """Both cross-entropies, of the pixels and of the classifier.

        Samples have ``gt_label`` and ``pseudo_mask``, 1 object, 0 background,
        255 ignored, shape (H_img, W_img). ``loss_mask`` is the mean over all
        pixels, those that are ignored with 0.
        """
        if any('pseudo_mask' not in sample for sample in data_samples):
            raise ValueError(
                'Expected samples with `pseudo_mask`: add '
                'mmscm.LoadPseudoMask to the train pipeline and '
                "`algorithm_keys=('pseudo_mask',)` to its PackInputs."
            )
        losses = super().loss(features, data_samples)
        losses['loss_cls'] = losses.pop('loss')
        masks = torch.stack(
            [torch.as_tensor(each.pseudo_mask) for each in data_samples]
        ).to(features[0].device)
        pixels = F.interpolate(
            at_least_float32(features[0]),
            size=masks.shape[-2:],
            mode='bilinear',
            align_corners=True,
        )[:, 0]
        losses['loss_mask'] = F.binary_cross_entropy_with_logits(
            pixels, (masks == OBJECT).to(pixels), (masks != IGNORE).to(pixels)
        )
        return losses

    def score(self, semantic: Tensor) -> Tensor:
        """Probability of the object (B, 1, H_0, W_0)."""
        return semantic.sigmoid()
