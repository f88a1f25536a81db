"""TriLite's head: object, background and neither, from frozen tokens."""

from __future__ import annotations

from typing import Any

import torch
from mmpretrain.models.heads import ClsHead
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
from mmscm.registry import MODELS

from .cam_head import CAMHead

NUM_REGIONS = 3
OBJECT, BACKGROUND = 0, 1  # the third is neither


@MODELS.register_module()
class TriHead(ClsHead):
    """TriHead and class head of TriLite (CVPR 2026).

    A softmax over regions says of each patch whether it is object, background
    or neither. The mean token of the object has to be of the image's class,
    that of the background must not; the class itself is that of the class
    token. The map is the same for all classes.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        background_weight (float): alpha, weight of the background's term.
        dropout_region (float): Dropout of both mean tokens.
        dropout_class (float): Dropout of the class token.
        **kwargs: Those of mmpretrain's ``ClsHead``.
    """

    needs_labels = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        background_weight: float,
        dropout_region: float = 0.5,
        dropout_class: float = 0.5,
        **kwargs: Any,
    ) -> None:
        super().__init__(cal_acc=True, **kwargs)
        self.num_classes = num_classes
        self.in_channels = in_channels
        self.background_weight = background_weight
        self.conv = nn.Conv2d(
            in_channels, NUM_REGIONS, 3, padding=1, bias=False
        )
        self.norm = nn.BatchNorm2d(NUM_REGIONS)
        self.region_fc = nn.Linear(in_channels, num_classes)
        self.class_fc = nn.Linear(in_channels, num_classes)
        self.drop_region = nn.Dropout(dropout_region)
        self.drop_class = nn.Dropout(dropout_class)

    def project(self, tokens: tuple[Tensor, Tensor]) -> Tensor:
        """Probabilities of the regions of every patch, (B, 3, H, W).

        Tokens are those of the patches (B, D, H, W) and of the class (B, D).
        """
        return self.norm(self.conv(tokens[0])).softmax(1)

    def forward(
        self, features: tuple[Tensor, tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Logits (B, C) of the class token; features are regions, tokens."""
        _, (_, class_token) = features
        return self.class_fc(self.drop_class(class_token))

    def region_logits(
        self, regions: Tensor, patches: Tensor, region: int
    ) -> Tensor:
        """Logits (B, C) of the mean token of one region."""
        weights = regions[:, region]
        mean = torch.einsum('bhw,bdhw->bd', weights, patches)
        mean = mean / (weights.sum((-2, -1))[:, None] + 1e-6)
        return self.region_fc(self.drop_region(mean))

    def loss(
        self,
        features: tuple[Tensor, tuple[Tensor, Tensor]],
        data_samples: list[DataSample],
    ) -> dict[str, Tensor]:
        """The three terms, that of the background weighted, and accuracies.

        Features are regions and the tokens of :meth:`project`.
        """
        regions, (patches, _) = features
        losses = self._get_loss(self(features), data_samples)
        losses['loss_cls'] = losses.pop('loss')
        target = torch.cat([sample.gt_label for sample in data_samples])
        logits = self.region_logits(regions, patches, OBJECT)
        losses['loss_object'] = self.loss_module(logits, target)
        logits = self.region_logits(regions, patches, BACKGROUND)
        # half precision cannot tell 1 - p from 1
        probabilities = at_least_float32(logits).softmax(1)
        wrong = probabilities.gather(1, target[:, None])
        avoided = -torch.log(1 - wrong + 1e-7).mean()
        losses['loss_background'] = self.background_weight * avoided
        return losses

    class_maps = CAMHead.class_maps

    def all_maps(self, regions: Tensor) -> Tensor:
        """The object's region for every class, (B, C, H, W)."""
        return regions[:, OBJECT, None].expand(-1, self.num_classes, -1, -1)
