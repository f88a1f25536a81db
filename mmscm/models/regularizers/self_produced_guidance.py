"""SPG: masks of confident pixels teach earlier layers, step by step."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmscm.functional.maps import (
    at_least_float32,
    class_planes,
    min_max_normalize,
    resize_maps,
)
from mmscm.models.layers import InputTap, Tap
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step

SIZE = 224, 224  # of the masks, for images of any size
FEWEST = 30  # pixels of an object
IGNORE = -1.0


@MODELS.register_module()
class SelfProducedGuidance(Regularizer):
    """Self-produced Guidance (Zhang et al., ECCV 2018).

    The class's map says of some pixels that they are object or background.
    They teach a map of a middle layer, that one a map of an early layer, and
    the mean of both a map of the head's features.

    Args:
        early (str): Layer of the backbone.
        middle (str): A later one.
        in_channels (tuple[int, int, int]): Widths of early, middle and the
            features of the head's last convolution.
        width (int): Of the convolutions of the early and the middle map.
        bounds (tuple): Of each of the three, (object, background) scores;
            those between are ignored.
    """

    needs_labels = True

    def __init__(
        self,
        early: str,
        middle: str,
        in_channels: tuple[int, int, int],
        width: int = 512,
        bounds: tuple = ((0.7, 0.01), (0.5, 0.05), (0.7, 0.1)),
    ) -> None:
        super().__init__()
        self.names = early, middle
        self.bounds = bounds
        self.early = _convolution(in_channels[0], width)
        self.middle = _convolution(in_channels[1], width)
        self.shared = nn.Sequential(
            *_convolution(width, width), nn.Conv2d(width, 1, 1)
        )
        self.last = nn.Sequential(
            *_convolution(in_channels[2], 512), nn.Conv2d(512, 1, 1)
        )

    def bind(self, model: nn.Module) -> None:
        """Listen to the three layers."""
        super().bind(model)
        self.taps = [Tap(model.backbone, name) for name in self.names]
        self.taps.append(InputTap(model.backbone, model.head.conv))

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The three terms."""
        early, middle, last = (tap.take() for tap in self.taps)
        early, middle, last = (
            resize_maps(at_least_float32(logits), SIZE)[:, 0]  # (B, *SIZE)
            for logits in (
                self.shared(self.early(early)),
                self.shared(self.middle(middle)),
                self.last(last),
            )
        )
        plane = at_least_float32(class_planes(step.semantic, step.labels))
        attention = min_max_normalize(resize_maps(plane, SIZE))
        fused = (early.sigmoid() + middle.sigmoid()) / 2
        taught = dict(
            loss_middle=(middle, attention),
            loss_early=(early, middle.sigmoid()),
            loss_last=(last, fused),
        )
        return {
            name: guided_loss(logits, guide_masks(guide.detach(), *bounds))
            for (name, (logits, guide)), bounds in zip(
                taught.items(), self.bounds, strict=True
            )
        }


def guide_masks(scores: Tensor, high: float, low: float) -> Tensor:
    """Object 1, background 0, neither -1, of scores (B, H, W) in [0, 1].

    Object is above ``high``, background below ``low``. Where fewer than 30
    pixels are above ``high``, those above 0.7 of the maximum are the object.
    """
    few = (scores > high).sum((-2, -1), keepdim=True) < FEWEST
    peak = scores.amax((-2, -1), keepdim=True)
    inside = scores > torch.where(few, 0.7 * peak, high)
    return torch.where(scores < low, 0, torch.where(inside, 1, IGNORE))


def guided_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Mean binary cross-entropy of the pixels that masks decide, or 0."""
    decided = masks != IGNORE
    losses = F.binary_cross_entropy_with_logits(
        logits, masks.clamp(min=0).to(logits.dtype), reduction='none'
    )
    return (losses * decided).sum() / decided.sum().clamp(min=1)


def _convolution(in_channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, width, 3, padding=1), nn.ReLU()
    )
