"""I2C: the object looks alike in two images of a class and over all."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmengine.dist import all_gather
from torch import Tensor, nn

from mmscm.functional.maps import (
    at_least_float32,
    class_planes,
    min_max_normalize,
)
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step

NUM_SEEDS = 3
SEED_THR = 0.7  # of the range of the class's map
DECAY = 0.002  # of the share of a new centre, an update


@MODELS.register_module()
class InterImage(Regularizer):
    """Inter-Image Communication (Zhang et al., ECCV 2020).

    Three places where the map of the class is high stand for the object.
    Their features are to be near those of another image of the class (local)
    and their mean near a memory of the class (global). A batch holds pairs:
    mmscm.PairedClassSampler.

    The memory takes the mean of a class in all processes, once a step, so
    that it does not depend on their number. A class without memory has no
    global term; in the released code it is compared with random numbers.

    Args:
        local_weight (float): Of the first term.
        global_weight (float): Of the second.
    """

    needs_labels = True

    def __init__(
        self, local_weight: float = 0.008, global_weight: float = 0.001
    ) -> None:
        super().__init__()
        if min(local_weight, global_weight) < 0:
            raise ValueError(
                'Expected weights of 0 or more, but got '
                f'{local_weight} and {global_weight}.'
            )
        self.local_weight = local_weight
        self.global_weight = global_weight

    def bind(self, model: nn.Module) -> None:
        """Make a memory of the head's classes."""
        super().bind(model)
        head = model.head
        centers = torch.zeros(head.num_classes, head.in_channels)
        self.register_buffer('centers', centers)
        self.register_buffer('counts', torch.zeros(head.num_classes))

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Both terms; updates the memory."""
        labels = _pairs(step.labels)
        features = at_least_float32(self.model.head.pool(step.tokens))
        plane = at_least_float32(class_planes(step.semantic, step.labels))
        seeds = self._seeds(min_max_normalize(plane.detach()))[..., None]
        patches = features.flatten(2).mT  # (B, H W, D)
        patches = patches.take_along_dim(seeds, 1)  # (B, 3, D)
        first, second = patches[::2], patches[1::2]
        centers = (first + second).mean(1) / 2  # (B / 2, D)
        distance = F.pairwise_distance(self.centers[labels], centers)
        known = self.counts[labels] > 0
        self._remember(labels, centers.detach())
        local = F.pairwise_distance(first, second).mean()
        return dict(
            loss_local=self.local_weight * local,
            loss_global=self.global_weight * (distance * known).mean(),
        )

    def _seeds(self, scores: Tensor) -> Tensor:
        """Three high patches of each (H, W) in [0, 1], shape (B, 3)."""
        scores = scores.flatten(1)
        high = (scores > SEED_THR) | (scores == scores.amax(1, keepdim=True))
        draws = self.draw(*scores.shape, device=scores.device)
        chosen = torch.where(high, draws, -1.0).topk(NUM_SEEDS).indices
        # where there are fewer, one of them again
        return torch.where(high.gather(1, chosen), chosen, chosen[:, :1])

    @torch.no_grad()
    def _remember(self, labels: Tensor, centers: Tensor) -> None:
        labels = torch.cat(all_gather(labels.contiguous()))
        centers = torch.cat(all_gather(centers.contiguous()))
        classes, pairs = labels.unique(return_inverse=True)
        members = F.one_hot(pairs, len(classes)).to(centers.dtype)
        means = (members / members.sum(0)).mT @ centers
        share = torch.exp(-DECAY * self.counts[classes])[:, None]
        self.centers[classes] += share * (means - self.centers[classes])
        self.counts[classes] += 1


def _pairs(labels: Tensor) -> Tensor:
    """Class of each pair, shape (B / 2,)."""
    if len(labels) % 2 or not torch.equal(labels[::2], labels[1::2]):
        raise ValueError(
            'Expected two images of each class side by side, as '
            '`train_dataloader.sampler=dict(type="mmscm.PairedClassSampler")` '
            f'and an even batch size give, but got labels {labels.tolist()}.'
        )
    return labels[::2]
