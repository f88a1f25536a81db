"""C2AM's head: object and background by contrast between images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
from mmscm.registry import MODELS

from .agnostic_head import AgnosticHead, stages

COSINES = 5e-4, 1 - 5e-4  # beyond them a pair has no gradient
MOMENTUM = 0.1


@MODELS.register_module()
class CCAMHead(AgnosticHead):
    """Class-agnostic activation map by contrast (C2AM, CVPR 2022).

    P = sigmoid(norm(conv(F))) splits the features F of an image into the mean
    of P F and that of (1 - P) F. Either kind is to be alike in all images of
    a GPU's batch, the two kinds are not. No label takes part.

    Which of both is the object the loss does not say. At test it is P, unless
    P is above 1/2 on most of the border of the training images; a running
    mean over batches decides.

    Args:
        num_classes (int): C, number of classes.
        in_channels (Sequence[int]): Widths of the backbone's maps, all of
            one size.
        alpha (float): A like pair counts exp(-alpha rank), by its rank among
            the pairs of an image.
        **kwargs: Those of mmpretrain's ``ClsHead``.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: Sequence[int],
        alpha: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.alpha = alpha
        width = sum(self.in_channels)
        self.conv = nn.Conv2d(width, 1, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(1)
        self.register_buffer('border', torch.tensor(0.5))

    def project(self, tokens: Tensor | tuple[Tensor, ...]) -> Tensor:
        """P, shape (B, 1, H, W), of the backbone's maps."""
        return self.norm(self.conv(self._join(tokens))).sigmoid()

    def loss(
        self,
        features: tuple[Tensor, Tensor | tuple[Tensor, ...]],
        data_samples: list[DataSample],
    ) -> dict[str, Tensor]:
        """The three contrasts, and the cross-entropy of the classifier.

        Features are P and the backbone's maps; ``gt_label`` is for the
        classifier.
        """
        losses = super().loss(features, data_samples)
        losses['loss_cls'] = losses.pop('loss')
        inside, tokens = features
        if self.training:
            share = share_at_border(inside).to(self.border)
            self.border.lerp_(share, MOMENTUM)
        maps = at_least_float32(self._join(tokens))
        size = maps[0, 0].numel()
        inside = at_least_float32(inside[:, 0])
        background, foreground = (
            torch.einsum('bhw,bdhw->bd', part, maps) / size
            for part in (1 - inside, inside)
        )
        apart = -torch.log(1 - cosines(background, foreground)).mean()
        return losses | dict(
            loss_object=alike(foreground, self.alpha),
            loss_background=alike(background, self.alpha),
            loss_apart=apart,
        )

    def score(self, semantic: Tensor) -> Tensor:
        """P or 1 - P, whichever leaves the border out."""
        return torch.where(self.border > 0.5, 1 - semantic, semantic)

    def _join(self, tokens: Tensor | tuple[Tensor, ...]) -> Tensor:
        return torch.cat(stages(tokens, self.in_channels), 1)


def alike(features: Tensor, alpha: float) -> Tensor:
    """Mean -log cosine of all pairs of features (B, D), the best most.

    The released weights are exp(-alpha (rank - 1)); the pair of an image
    with itself has rank 0.
    """
    similarity = cosines(features, features)
    order = similarity.argsort(dim=1, descending=True, stable=True)
    rank = order.argsort(1) - 1
    return -(similarity.log() * torch.exp(-alpha * rank)).mean()


def cosines(first: Tensor, second: Tensor) -> Tensor:
    """Cosines of features (B, D) with others, within bounds, (B, B)."""
    return (F.normalize(first) @ F.normalize(second).T).clamp(*COSINES)


def share_at_border(maps: Tensor) -> Tensor:
    """Share of values above 1/2 on the four sides of maps (..., H, W)."""
    high = (maps.detach() > 0.5).float()
    sides = high[..., 0, :], high[..., -1, :], high[..., 0], high[..., -1]
    return torch.stack([side.mean() for side in sides]).mean()
