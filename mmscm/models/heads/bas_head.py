"""BAS: a foreground that, taken away, leaves the class no score."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor, nn
from torch.func import functional_call

from mmscm.functional.maps import at_least_float32, class_planes
from mmscm.models.layers import Tail
from mmscm.registry import MODELS

from .cam_head import CAMHead

EPS = 1e-8


@MODELS.register_module()
class BASHead(CAMHead):
    """Background Activation Suppression (Wu et al., CVPR 2022).

    A map P of every class is made of the features before the last stage. The
    last stage and the head, frozen, score the image without P; that share of
    its plain score and the area of P are to be small. Logits are those of a
    :class:`CAMHead` whose map is not negative; P localizes.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        after (str): Layer of the backbone before its last stage.
        early_channels (int): Width of that layer.
        area_weight (float): lambda, weight of the area of P.
        masked_weight (float): Weight of the classification by what is
            under P.
        top_k (int): The map is the mean of P over so many best classes, the
            same for all; with 1 each class has its own.
        **kwargs: See :class:`CAMHead`.
    """

    needs_labels = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        after: str,
        early_channels: int,
        area_weight: float,
        masked_weight: float,
        top_k: int = 1,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.after = after
        self.area_weight = area_weight
        self.masked_weight = masked_weight
        self.top_k = top_k
        self.generator = nn.Sequential(
            nn.Conv2d(early_channels, num_classes, 3, padding=1), nn.Sigmoid()
        )

    def bind(self, model: nn.Module) -> None:
        """Find the last stage of the classifier's backbone."""
        self.tail = Tail(model.backbone, self.after)

    def project(self, tokens: Tensor) -> Tensor:
        """Semantic map, not negative; see :class:`CAMHead`."""
        return super().project(tokens).relu()

    def loss(
        self, features: tuple[Tensor, Tensor], data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """The four terms; ``loss_masked`` is of what is under P."""
        losses = super().loss(features, data_samples)
        semantic, _ = features
        labels = torch.cat([sample.gt_label for sample in data_samples])
        early = self.tail.take()
        inside = class_planes(self.generator(early), labels)[:, None]
        under = F.adaptive_avg_pool2d(inside, semantic.shape[-2:])
        masked = (semantic * under).mean((-2, -1))
        rest = self.frozen_scores(early.detach() * (1 - inside))
        rest, plain = (
            at_least_float32(scores).gather(1, labels[:, None])
            for scores in (rest, self(features).detach())
        )
        ratio = torch.where(rest < plain, rest / (plain + EPS), 0)
        return losses | dict(
            loss_masked=self.masked_weight * self.loss_module(masked, labels),
            loss_background=ratio.mean(),
            loss_area=self.area_weight * at_least_float32(inside).mean(),
        )

    def frozen_scores(self, early: Tensor) -> Tensor:
        """Logits (B, C) of other early features by constant weights.

        Running statistics stay as they are.
        """
        features = early
        layers = [*self.tail.layers, self.pool, *self.hidden, self.conv]
        for layer in layers:
            state = {k: v.detach() for k, v in layer.named_parameters()}
            state |= {k: v.clone() for k, v in layer.named_buffers()}
            features = functional_call(layer, state, (features,))
        return features.relu().mean((-2, -1))

    def class_maps(
        self, tokens: Tensor, semantic: Tensor, labels: list[Tensor]
    ) -> list[Tensor]:
        """P, as ``top_k`` says; see :class:`CAMHead`."""
        maps = self.generator(self.tail.take())
        if self.top_k == 1:
            return super().class_maps(tokens, maps, labels)
        best = self((semantic, tokens)).topk(self.top_k).indices
        planes = maps[torch.arange(len(best))[:, None], best].mean(1)
        pairs = zip(planes, labels, strict=True)
        return [plane.expand(len(chosen), -1, -1) for plane, chosen in pairs]
