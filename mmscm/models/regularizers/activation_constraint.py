"""SPA: what speaks for no class is background, the rest object."""

from __future__ import annotations

import torch
from torch import Tensor

from mmscm.functional.maps import (
    at_least_float32,
    class_planes,
    min_max_normalize,
)
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step


@MODELS.register_module()
class ActivationConstraint(Regularizer):
    """Restricted activation (Pan et al., SPA, CVPR 2021).

    Patches whose class probabilities vary little are background, those where
    they vary much are object. The sigmoid of the true class's map is to be
    low on the first and high on the second.

    Args:
        background_thr (float): Background is below this part of the range
            of the variance.
        gap (float): Object is above ``background_thr + gap``.
        warm_up (int): Epochs without the term.
        weight (float): Of the term.
    """

    needs_labels = True

    def __init__(
        self,
        background_thr: float,
        gap: float,
        warm_up: int,
        weight: float = 0.5,
    ) -> None:
        super().__init__()
        if not 0 < background_thr <= background_thr + gap < 1:
            raise ValueError(
                'Expected `background_thr` and `background_thr + gap` in '
                f'(0, 1), but got {background_thr} and {gap}.'
            )
        self.background_thr = background_thr
        self.object_thr = background_thr + gap
        self.warm_up = warm_up
        self.weight = weight

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The term, after the warm-up."""
        if self.epoch < self.warm_up:
            return {}
        semantic = at_least_float32(step.semantic)
        spread = min_max_normalize(semantic.softmax(1).var(1))  # (B, H, W)
        score = class_planes(semantic, step.labels).sigmoid()
        wrong = torch.where(spread > self.object_thr, 1 - score, 0)
        wrong = torch.where(spread < self.background_thr, score, wrong)
        return dict(loss_activation=self.weight * wrong.mean())
