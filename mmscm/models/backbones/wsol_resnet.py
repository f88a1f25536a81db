"""ResNet with the pooling of BAS."""

from __future__ import annotations

from mmpretrain.models.backbones import ResNet
from torch import nn

from mmscm.registry import MODELS


@MODELS.register_module()
class WSOLResNet(ResNet):
    """mmpretrain's ResNet with a 2x2 maximum in front of the last stage.

    It takes the place of strides, as in BAS (Wu et al., CVPR 2022): with
    strides of (1, 2, 1, 1) the third stage has a map of 1/8 of the image,
    the last one of 1/16. It ends ``layer3``, so that no parameter has
    another name.

    Args:
        depth (int): 18, 34, 50, 101 or 152.
        **kwargs: See mmpretrain's ResNet.
    """

    def __init__(self, depth: int, **kwargs) -> None:
        super().__init__(depth, **kwargs)
        self.layer3.append(nn.MaxPool2d(2))
