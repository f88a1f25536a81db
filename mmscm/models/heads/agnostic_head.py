"""Heads whose map is the same for all classes, from one or more stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmpretrain.models.heads import ClsHead
from torch import Tensor, nn

from .cam_head import HE_INIT, CAMHead


class AgnosticHead(ClsHead):
    """A map of no class, and a classifier that leaves the features alone.

    Such methods take the class from another network. Here a linear layer on
    the mean of the last stage names it, so that Top-k is scored as well; the
    features get no gradient from it.

    Args:
        num_classes (int): C, number of classes.
        in_channels (Sequence[int]): Widths of the maps that the backbone
            gives, in its order.
        **kwargs: Those of mmpretrain's ``ClsHead``.
    """

    def __init__(
        self, num_classes: int, in_channels: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(cal_acc=True, init_cfg=HE_INIT, **kwargs)
        self.num_classes = num_classes
        self.in_channels = tuple(in_channels)
        self.fc = nn.Linear(self.in_channels[-1], num_classes)

    def forward(
        self, features: tuple[Tensor, Tensor | tuple[Tensor, ...]]
    ) -> Tensor:
        """Logits (B, C) of the last stage; features are map and tokens."""
        _, tokens = features
        last = stages(tokens, self.in_channels)[-1].detach()
        return self.fc(last.mean((-2, -1)))

    class_maps = CAMHead.class_maps

    def all_maps(self, semantic: Tensor) -> Tensor:
        """The object's map (B, 1, H, W) for every class, (B, C, H, W)."""
        return self.score(semantic).expand(-1, self.num_classes, -1, -1)

    def score(self, semantic: Tensor) -> Tensor:
        """What is high on the object, of what ``project`` gives; both
        (B, 1, H, W).
        """
        return semantic


def stages(
    tokens: Tensor | tuple[Tensor, ...], widths: Sequence[int]
) -> tuple[Tensor, ...]:
    """One map or several (B, D, H, W) of a backbone, of the given widths D."""
    maps = tokens if isinstance(tokens, tuple) else (tokens,)
    shapes = [tuple(each.shape) for each in maps]
    if [shape[1:2] for shape in shapes] != [(width,) for width in widths]:
        raise ValueError(
            'Expected a backbone with `out_indices` of maps that have '
            f'`head.in_channels` = {tuple(widths)} channels, but got shapes '
            f'{shapes}.'
        )
    return maps
