"""Classifiers of a few thousand weights, and samples for them."""

import torch
from mmpretrain.structures import DataSample

from mmscm.registry import MODELS


def vit_arch(width: int, layers: int, heads: int, hidden: int) -> dict:
    """`arch` of the host's ViT, in the order of its documentation."""
    return dict(
        embed_dims=width,
        num_layers=layers,
        num_heads=heads,
        feedforward_channels=hidden,
    )


ARCH = vit_arch(24, 2, 3, 48)
VIT = dict(type='mmscm.AttentionViT', arch=ARCH, img_size=32, patch_size=8)
WIDTH = 128  # of its last map; that before has half of it
RESNET = dict(type='ResNet', depth=18, stem_channels=16, base_channels=16)
RESNET |= dict(strides=(1, 2, 2, 1))
TIMM = dict(embed_dim=24, depth=2, num_heads=3)  # of ViTs
LITE0 = dict(type='TIMMBackbone', model_name='tf_efficientnet_lite0')


def build(backbone: dict, head: dict, **settings) -> torch.nn.Module:
    """A WSOLClassifier of seven classes, with CAMHead if not said."""
    torch.manual_seed(0)
    parts = dict(backbone=backbone, **settings)
    parts |= dict(head=dict(type='mmscm.CAMHead', num_classes=7) | head)
    return MODELS.build(dict(type='mmscm.WSOLClassifier', **parts))


def samples(*labels: int) -> list[DataSample]:
    return [DataSample().set_gt_label(int(label)) for label in labels]
