"""SPA at test: the map of a class grows over what is like its seeds."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
from mmscm.functional.self_correlation import correlated_maps, self_correlation
from mmscm.models.layers import Tap
from mmscm.registry import MODELS

from .cam_head import CAMHead


@MODELS.register_module()
class SelfCorrelationHead(CAMHead):
    """Self-correlation map generating (Pan et al., CVPR 2021).

    Patches where a class's map is high and low are its seeds. Its map at
    test is what the features of some layers are like the first and not like
    the second. Defaults are the released settings of VGG16 on
    CUB-200-2011.

    Differs from the released code: seeds are found on the grid, there on
    the map enlarged to the image and reduced again.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        after (Sequence[str]): Layers of the backbone, of the map's size.
        first_thr (float): Smallest cosine of two patches.
        second_thr (float): Smallest second order, of its mean.
        second_weight (float): Of the second order.
        object_thr (float): Seeds of the object: part of the maximum.
        background_thr (float): Seeds of the background.
        **kwargs: See :class:`CAMHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        after: Sequence[str],
        first_thr: float = 0.1,
        second_thr: float = 0.5,
        second_weight: float = 2.0,
        object_thr: float = 0.1,
        background_thr: float = 0.05,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        if not 0 <= background_thr < object_thr <= 1:
            raise ValueError(
                'Expected 0 <= `background_thr` < `object_thr` <= 1, but got '
                f'{background_thr} and {object_thr}.'
            )
        self.after = after
        self.correlation = first_thr, second_thr, second_weight
        self.seeds = object_thr, background_thr

    def bind(self, model: nn.Module) -> None:
        """Listen to the layers of the classifier's backbone."""
        self.taps = [Tap(model.backbone, name) for name in self.after]

    def all_maps(self, semantic: Tensor) -> Tensor:
        """Maps (B, C, H, W) of all classes at test, in [0, 1]."""
        total = 0
        for name, tap in zip(self.after, self.taps, strict=True):
            features = tap.take()
            if features.shape[-2:] != semantic.shape[-2:]:
                raise ValueError(
                    f'Expected layers `after` of {tuple(semantic.shape[-2:])} '
                    f'as the map, but got {tuple(features.shape[-2:])} of '
                    f'{name!r}.'
                )
            features = at_least_float32(features)
            total = total + self_correlation(features, *self.correlation)
        return correlated_maps(total, at_least_float32(semantic), *self.seeds)
