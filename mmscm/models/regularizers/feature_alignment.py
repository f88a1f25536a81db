"""BGC: features that point to their class where they are strong."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from mmscm.functional.maps import (
    at_least_float32,
    below_peak,
    class_planes,
    min_max_normalize,
)
from mmscm.models.layers import InputTap, Tail
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step

EPS = 1e-15
SIGNS = ('max', 'label')


@MODELS.register_module()
class FeatureAlignment(Regularizer):
    """Bridging the gap of classification and localization (CVPR 2022).

    The features F of the head's last convolution are to stay when strong
    features of an earlier layer are erased (drop). After a warm-up, their
    cosine s_c to the weights of the class is to be high where their norm n is
    high (similarity), and their norm where the cosine is positive (norm).
    Defaults are the released settings of ResNet-50 on CUB-200-2011.

    Args:
        after (str): Layer of the backbone.
        drop_thr (float): Strong is from this part of the maximum on.
        drop_prob (float): Probability that a strong place is erased.
        drop_weight (float): Weight of the first term.
        similarity_weight (float): Of the second.
        norm_weight (float): Of the third.
        bounds (tuple[float, float]): A norm is low below, high above, parts
            of its range in the image.
        sign (str): Positive is the largest cosine of all classes ('max') or
            that of the label ('label').
        warm_up (int): Epochs of the first term alone.
    """

    needs_labels = True

    def __init__(
        self,
        after: str,
        drop_thr: float = 0.8,
        drop_prob: float = 0.25,
        drop_weight: float = 2.0,
        similarity_weight: float = 0.5,
        norm_weight: float = 0.05,
        bounds: tuple[float, float] = (0.2, 0.4),
        sign: str = 'max',
        warm_up: int = 20,
    ) -> None:
        super().__init__()
        if sign not in SIGNS:
            raise ValueError(
                f'Expected `sign` to be one of {SIGNS}, but got {sign!r}.'
            )
        self.after = after
        self.drop_thr, self.drop_prob = drop_thr, drop_prob
        self.drop_weight = drop_weight
        self.similarity_weight = similarity_weight
        self.norm_weight = norm_weight
        self.bounds = bounds
        self.sign = sign
        self.warm_up = warm_up

    def bind(self, model: nn.Module) -> None:
        """Find the layers that run twice."""
        super().bind(model)
        if model.head.conv.kernel_size != (1, 1):
            raise ValueError(
                'Expected a head whose last convolution is 1x1, but got '
                f'{model.head.conv.kernel_size}.'
            )
        self.tail = Tail(model.backbone, self.after)
        self.features = InputTap(model.backbone, model.head.conv)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The terms, those of similarity and norm after the warm-up only."""
        head, features = self.model.head, self.features.take()
        erased = head.embed(self.tail(self._erase(self.tail.take())))
        features = at_least_float32(features)
        gap = (features - erased).abs().mean()
        terms = dict(loss_drop=self.drop_weight * gap)
        if self.epoch >= self.warm_up:
            terms |= self._aligned(features, step.labels)
        return terms

    def _erase(self, features: Tensor) -> Tensor:
        size = len(features), 1, *features.shape[-2:]
        keep = self.draw(*size, device=features.device) > self.drop_prob
        return features * (keep | below_peak(features, self.drop_thr))

    def _aligned(self, features: Tensor, labels: Tensor) -> dict[str, Tensor]:
        weight = self.model.head.conv.weight.to(features.dtype)
        cosines = F.conv2d(F.normalize(features), F.normalize(weight))
        cosine = class_planes(cosines, labels)
        norm = min_max_normalize(features.norm(dim=1))
        low, high = self.bounds
        similarity = contrast(cosine, norm < low, norm > high)
        signed = cosines.amax(1) if self.sign == 'max' else cosine
        spread = contrast(norm, signed < 0, signed > 0)
        return dict(
            loss_similarity=self.similarity_weight * similarity,
            loss_norm=self.norm_weight * spread,
        )


def contrast(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Mean of values (B, H, W) in a region minus that in another, a scalar.

    Regions are bool, of the same shape; the mean is over the images.
    """
    means = [
        (values * inside).sum((-2, -1)) / (inside.sum((-2, -1)) + EPS)
        for inside in (low, high)
    ]
    return (means[0] - means[1]).mean()
