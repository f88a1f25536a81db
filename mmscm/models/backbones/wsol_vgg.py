"""VGG with the poolings of each localization method."""

from __future__ import annotations

from collections.abc import Sequence

from mmpretrain.models.backbones import VGG
from torch import nn

from mmscm.registry import MODELS

CAM_POOLS = ((2, 2), (2, 2), (2, 2), (2, 2), None)


@MODELS.register_module()
class WSOLVGG(VGG):
    """mmpretrain's VGG with other poolings, under its parameter names.

    As in wsolevaluation (Choe et al., CVPR 2020): CAM leaves the last
    pooling out, for a map of 1/16 of the image, and the fourth too for 1/8;
    ACoL has 3x3 poolings, ``((3, 2),) * 4 + ((3, 1),)``.

    Args:
        depth (int): 11, 13, 16 or 19.
        pools (Sequence[tuple[int, int] | None]): Kernel and stride of the
            five poolings; None for none. 3x3 poolings are padded by 1.
        **kwargs: See mmpretrain's VGG.
    """

    def __init__(
        self,
        depth: int = 16,
        pools: Sequence[tuple[int, int] | None] = CAM_POOLS,
        **kwargs,
    ) -> None:
        super().__init__(depth, **kwargs)
        places = [
            index
            for index, layer in enumerate(self.features)
            if isinstance(layer, nn.MaxPool2d)
        ]
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
