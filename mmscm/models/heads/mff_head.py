"""SPOL's head: features of shallow and deep stages, multiplied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
from mmscm.registry import MODELS

from .agnostic_head import stages
from .cam_head import CAMHead

WIDTH = 128  # of all fused features


class MultiplicativeFusion(nn.Module):
    """Multiplicative feature fusion (SPOL, CVPR 2021, Sec. 3.2).

    The mean features of the stages, multiplied, say which channels of each
    stage count; what they then are reduced to is enlarged to the first
    stage's size. ``in_channels`` are the stages' widths, the shallowest first.
    """

    def __init__(self, in_channels: Sequence[int]) -> None:
        super().__init__()
        self.in_channels = tuple(in_channels)
        self.squeeze = nn.ModuleList(map(_reduced, self.in_channels))
        self.gates = nn.ModuleList(
            nn.Conv2d(WIDTH, width, 1) for width in self.in_channels
        )
        self.reduce = nn.ModuleList(map(_reduced, self.in_channels))

    def forward(
        self, tokens: Tensor | tuple[Tensor, ...]
    ) -> tuple[Tensor, Tensor]:
        """Fused features, and those of the last stage alone.

        Of the stages' maps, each (B, D_i, H_i, W_i); both are not negative,
        shape (B, 128, H_0, W_0).
        """
        maps = stages(tokens, self.in_channels)
        gist = product(
            squeeze(each.mean((-2, -1), keepdim=True))
            for squeeze, each in zip(self.squeeze, maps, strict=True)
        )
        levels = [
            F.interpolate(
                reduced(each * gate(gist).sigmoid()),
                size=maps[0].shape[-2:],
                mode='bilinear',
                align_corners=True,
            )
            for reduced, each, gate in zip(
                self.reduce, maps, self.gates, strict=True
            )
        ]
        return product(levels), levels[-1]


@MODELS.register_module()
class MFFHead(CAMHead):
    """Class maps of fused features, SPOL's first stage.

    S = relu(conv(fused)), and its mean is the logit.

    Args:
        num_classes (int): C, number of classes.
        in_channels (Sequence[int]): Widths of the backbone's maps, the
            shallowest first.
        deep_teacher (bool): Labels teach the map of the last stage alone,
            through the same convolution, and its probabilities the fused
            map; each term counts half. Else labels teach the fused map.
        dropout (float): Rate before the convolution.
        **kwargs: See :class:`CAMHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: Sequence[int],
        deep_teacher: bool = False,
        dropout: float = 0.5,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, WIDTH, dropout=dropout, **kwargs)
        self.fusion = MultiplicativeFusion(in_channels)
        self.deep_teacher = deep_teacher
        self._deepest: list[Tensor] = []  # of this pass, until it is taken

    def embed(self, tokens: Tensor | tuple[Tensor, ...]) -> Tensor:
        """What the convolution takes, shape (B, 128, H_0, W_0)."""
        fused, deepest = self.fusion(tokens)
        self._deepest = [deepest] if self.deep_teacher else []
        return super().embed(fused)

    def project(self, tokens: Tensor | tuple[Tensor, ...]) -> Tensor:
        """Class maps, not negative, shape (B, C, H_0, W_0)."""
        return super().project(tokens).relu()

    def loss(
        self,
        features: tuple[Tensor, Tensor | tuple[Tensor, ...]],
        data_samples: list[DataSample],
    ) -> dict[str, Tensor]:
        """Cross-entropy; with a deep teacher its terms, each half."""
        losses = super().loss(features, data_samples)
        if not self.deep_teacher:
            return losses
        deep = super().embed(self._deepest.pop())
        deep = self.conv(deep).relu().mean((-2, -1))
        taught = self._get_loss(deep, data_samples)['loss']
        targets = at_least_float32(deep.detach()).softmax(1)
        fused = F.cross_entropy(at_least_float32(self(features)), targets)
        del losses['loss']
        return losses | dict(loss_deep=taught / 2, loss_fused=fused / 2)


def product(factors: Iterable[Tensor]) -> Tensor:
    """Elementwise product of tensors of one shape."""
    return reduce(torch.mul, factors)


def _reduced(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, WIDTH, 1), nn.BatchNorm2d(WIDTH), nn.ReLU()
    )
