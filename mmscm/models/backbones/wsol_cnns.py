"""CNNs with the maps and poolings of localization methods."""

from __future__ import annotations

from collections.abc import Sequence

from mmpretrain.models.backbones import VGG, ResNet
from mmpretrain.models.backbones.base_backbone import BaseBackbone
from mmpretrain.models.backbones.inception_v3 import (
    BasicConv2d,
    InceptionA,
    InceptionB,
    InceptionC,
    InceptionD,
    InceptionE,
)
from torch import Tensor, nn

from mmscm.registry import MODELS

CAM_POOLS = ((2, 2), (2, 2), (2, 2), (2, 2), None)
INIT = (
    dict(type='TruncNormal', layer=['Conv2d', 'Linear'], std=0.1),
    dict(type='Constant', layer='BatchNorm2d', val=1),
)


@MODELS.register_module()
class WSOLInceptionV3(BaseBackbone):
    """Inception v3 up to Mixed_6e, with a map of 1/16 of the image.

    As in wsolevaluation (Choe et al., CVPR 2020), which began with SPG
    (ECCV 2018). Parameters have torchvision's names, so its weights load.
    Differs from it in the paddings, by a third pooling and by Mixed_6a
    without stride.

    Args:
        large_map (bool): Without the third pooling: 1/8 of the image.
        last_stage (bool): With Mixed_7a to 7c, of half the map's side, as
            BAS has it.
        init_cfg (dict | list, optional): torchvision's by default.
    """

    layers_in_order = True  # each child runs on the output of the one before

    def __init__(
        self,
        large_map: bool = False,
        last_stage: bool = False,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(list(INIT) if init_cfg is None else init_cfg)
        self.Conv2d_1a_3x3 = BasicConv2d(
            3, 32, kernel_size=3, stride=2, padding=1
        )
        self.Conv2d_2a_3x3 = BasicConv2d(32, 32, kernel_size=3)
        self.Conv2d_2b_3x3 = BasicConv2d(32, 64, kernel_size=3, padding=1)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)
        self.Conv2d_3b_1x1 = BasicConv2d(64, 80, kernel_size=1)
        self.Conv2d_4a_3x3 = BasicConv2d(80, 192, kernel_size=3)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)
        self.Mixed_5b = InceptionA(192, pool_features=32)
        self.Mixed_5c = InceptionA(256, pool_features=64)
        self.Mixed_5d = InceptionA(288, pool_features=64)
        if not large_map:
            self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.Mixed_6a = InceptionB(288)
        for layer in (
            self.Mixed_6a.branch3x3.conv,
            self.Mixed_6a.branch3x3dbl_3.conv,
            self.Mixed_6a.branch_pool,
        ):
            layer.stride, layer.padding = 1, 1
        self.Mixed_6b = InceptionC(768, channels_7x7=128)
        self.Mixed_6c = InceptionC(768, channels_7x7=160)
        self.Mixed_6d = InceptionC(768, channels_7x7=160)
        self.Mixed_6e = InceptionC(768, channels_7x7=192)
        if last_stage:
            self.Mixed_7a = InceptionD(768)
            for layer in (
                self.Mixed_7a.branch3x3_2.conv,
                self.Mixed_7a.branch7x7x3_4.conv,
                self.Mixed_7a.branch_pool,
            ):
                layer.padding = 1
            self.Mixed_7b = InceptionE(1280)
            self.Mixed_7c = InceptionE(2048)

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """Features (B, 768, H, W) of normalised images, or (B, 2048, H, W)."""
        features = images
        for layer in self.children():
            features = layer(features)
        return (features,)


@MODELS.register_module()
class WSOLResNet(ResNet):
    """mmpretrain's ResNet with a 2x2 maximum in front of the last stage.

    It takes the place of strides, as in BAS (Wu et al., CVPR 2022): with
    strides of (1, 2, 1, 1) the third stage has a map of 1/8 of the image,
    the last one of 1/16. It ends ``layer3``, so that no parameter has
    another name.
    """

    def __init__(self, depth: int, **kwargs) -> None:
        super().__init__(depth, **kwargs)
        self.layer3.append(nn.MaxPool2d(2))


@MODELS.register_module()
class WSOLVGG(VGG):
    """mmpretrain's VGG with other poolings, under its parameter names.

    ``pools`` are kernel and stride of the five poolings, None for none; 3x3
    ones are padded by 1. As in wsolevaluation (Choe et al., CVPR 2020): CAM
    leaves the last pooling out, for a map of 1/16 of the image, and the fourth
    too for 1/8; ACoL has 3x3 poolings, ``((3, 2),) * 4 + ((3, 1),)``.
    """

    def __init__(
        self,
        depth: int = 16,
        pools: Sequence[tuple[int, int] | None] = CAM_POOLS,
        **kwargs,
    ) -> None:
        super().__init__(depth, **kwargs)
        layers = enumerate(self.features)
        places = [i for i, layer in layers if isinstance(layer, nn.MaxPool2d)]
        if len(pools) != len(places):
            raise ValueError(
                f'Expected `pools` to say (kernel, stride) or None for each '
                f'of the {len(places)} stages, but got {pools}.'
            )
        for index, pool in zip(places, pools, strict=True):
            self.features[index] = nn.Identity()  # keeps the other numbers
            if pool is not None:
                kernel, stride = pool
                padding = (kernel - 1) // 2
                self.features[index] = nn.MaxPool2d(kernel, stride, padding)
