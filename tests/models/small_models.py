"""Classifiers of a few thousand weights, and samples for them."""

import torch
from mmpretrain.structures import DataSample

from mmscm.registry import MODELS

ARCH = dict(embed_dims=24, num_layers=2, num_heads=3, feedforward_channels=48)
VIT = dict(type='mmscm.AttentionViT', arch=ARCH, img_size=32, patch_size=8)
WIDTH = 128  # of its last map; that before has half of it
RESNET = dict(
    type='ResNet',
    depth=18,
    stem_channels=16,
    base_channels=16,
    strides=(1, 2, 2, 1),
)


def build(backbone: dict, head: dict, **settings) -> torch.nn.Module:
    """A WSOLClassifier of seven classes, with CAMHead if not said."""
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='mmscm.WSOLClassifier',
            backbone=backbone,
            head=dict(type='mmscm.CAMHead', num_classes=7) | head,
            **settings,
        )
    )


def samples(*labels: int) -> list[DataSample]:
    return [DataSample().set_gt_label(int(label)) for label in labels]
