"""ACoL: a second branch classifies what the first one leaves."""

from __future__ import annotations

import torch
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.functional.maps import (
    at_least_float32,
    class_planes,
    min_max_normalize,
)
from mmscm.registry import MODELS

from .cam_head import CAMHead


@MODELS.register_module()
class ACoLHead(CAMHead):
    """Two equal branches (Zhang et al., CVPR 2018).

    The second sees the features without those under the first one's map of
    the true class. At test the first gives the logits, and the larger of both
    scaled maps localizes. Each class erases for itself; the released code
    erases by the label, the same for the map of the ground truth.

    Features are erased from ``erase_thr``, in [0, 1], of the map's range on;
    other arguments are those of :class:`CAMHead`, for both branches.
    """

    needs_labels = True

    def __init__(
        self, num_classes: int, in_channels: int, erase_thr: float, **kwargs
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.erase_thr = erase_thr
        pooled = kwargs | dict(pre_pool=False)  # by the first branch
        self.other = CAMHead(num_classes, in_channels, **pooled)

    def loss(
        self, features: tuple[Tensor, Tensor], data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """Cross-entropy of both branches, ``loss`` and ``loss_erased``."""
        losses = super().loss(features, data_samples)
        semantic, tokens = features
        labels = torch.cat([sample.gt_label for sample in data_samples])
        erasing = class_planes(semantic, labels)
        rest = self.other_maps(self.pool(tokens), erasing)
        losses['loss_erased'] = self.loss_module(rest.mean((-2, -1)), labels)
        return losses

    def other_maps(self, features: Tensor, maps: Tensor) -> Tensor:
        """Semantic map (B, C, H, W) of the second branch.

        Of pooled tokens (B, D, H, W), without what maps (B, H, W) erase.
        """
        attention = min_max_normalize(at_least_float32(maps.detach()))
        keep = attention < self.erase_thr
        return self.other.project(features * keep[:, None])

    def class_maps(
        self, tokens: Tensor, semantic: Tensor, labels: list[Tensor]
    ) -> list[Tensor]:
        """The larger of both scaled maps; see :class:`CAMHead`."""
        maps = []
        for features, planes, chosen in zip(
            self.pool(tokens), semantic, labels, strict=True
        ):
            first = planes[chosen]  # (K, H, W)
            rest = self.other_maps(
                features.expand(len(chosen), -1, -1, -1), first
            )
            scaled = [
                min_max_normalize(at_least_float32(each))
                for each in (first, class_planes(rest, chosen))
            ]
            maps.append(torch.maximum(*scaled))
        return maps
