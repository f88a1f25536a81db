"""DA-WSOL: pixels are to have the distribution of whole images."""

from __future__ import annotations

import torch
from mmengine.dist import all_gather, get_world_size
from torch import Tensor, nn

from mmscm.functional.k_means import k_means
from mmscm.functional.maps import SMALLEST, at_least_float32
from mmscm.models.layers import InputTap
from mmscm.registry import MODELS

from .regularizer import Regularizer, Step

NUM_KERNELS = 5  # each twice as wide as the one before
WARM_UP = 1  # epochs of the classification loss alone
UNIVERSUM, SOURCE, TARGET = range(3)


@MODELS.register_module()
class DomainAlignment(Regularizer):
    """Domain adaptation from images to pixels (Zhu et al., CVPR 2022).

    The classifier learns on pooled features (source) and localizes on those
    of pixels (target). The features of the head's last convolution fall into
    three clusters an image: background of any class (universum), pixels as
    the pooled feature, and target. Source and target are to have the same
    distribution, the universum is to be silent.

    Clusters start at the running means of the universum and of the class and
    at the pooled feature, without any draw. All processes have the same
    means, though within a step an image starts at those that the images
    before it in its own process left.

    Args:
        alignment_weight (float): Of the first term.
        universum_weight (float): Of the second.
        num_samples (int): Source and target features of an image; one with
            fewer in a cluster does not count.
    """

    needs_labels = True

    def __init__(
        self,
        alignment_weight: float,
        universum_weight: float,
        num_samples: int = 32,
    ) -> None:
        super().__init__()
        if num_samples < 2:
            raise ValueError(
                f'Expected `num_samples` of 2 or more, but got {num_samples}.'
            )
        self.alignment_weight = alignment_weight
        self.universum_weight = universum_weight
        self.num_samples = num_samples

    def bind(self, model: nn.Module) -> None:
        """Listen to the features and keep a mean for each class."""
        super().bind(model)
        conv = model.head.conv
        self.features = InputTap(model.backbone, conv)
        # the universum stands behind the classes
        means = torch.zeros(conv.out_channels + 1, conv.in_channels)
        self.register_buffer('means', means)
        self.register_buffer('counts', torch.zeros(len(means)))

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Both terms, after the first epoch."""
        features = at_least_float32(self.features.take())
        if self.epoch < WARM_UP:
            return {}
        pixels = features.flatten(2).mT  # (B, N, D)
        clusters = self.clusters(pixels.detach(), step.labels)  # (B, N)
        silent = (clusters == UNIVERSUM)[..., None]
        size = (silent.sum() * pixels.shape[2]).clamp(min=1)
        universum = (pixels * silent).sum() / size
        return dict(
            loss_alignment=self.alignment_weight * self._gap(pixels, clusters),
            loss_universum=self.universum_weight * universum,
        )

    @torch.no_grad()
    def clusters(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Cluster of each pixel (B, N, D), int64, (B, N); updates the means.

        0 is the universum, 1 as the pooled feature, 2 target.
        """
        before = self.means.clone(), self.counts.clone()
        pooled, clusters, centers = pixels.mean(1), [], []
        images = zip(pixels, pooled, labels.tolist(), strict=True)
        for points, image, label in images:
            self._meet(label, image)
            starts = torch.stack([self.means[-1], image, self.means[label]])
            cluster, center = k_means(points, starts.to(points.dtype))
            self._count(label, center)
            clusters.append(cluster)
            centers.append(center)
        if get_world_size() > 1:
            self.means, self.counts = before
            self._count_all(labels, pooled, torch.stack(centers))
        return torch.stack(clusters)

    def _meet(self, label: int, image: Tensor) -> None:
        """The first image of a class is its mean."""
        if not self.counts[label]:
            self.counts[label] = 1
            self.means[label] = image

    def _count(self, label: int, center: Tensor) -> None:
        for index, cluster in ((label, SOURCE), (-1, UNIVERSUM)):
            self.counts[index] += 1
            move = center[cluster] - self.means[index]
            self.means[index] += move / self.counts[index]

    def _count_all(self, *found: Tensor) -> None:
        """Labels, pooled features and centres of all processes, in order."""
        found = (torch.cat(all_gather(part)) for part in found)
        for label, image, center in zip(*found, strict=True):
            self._meet(int(label), image)
            self._count(int(label), center)

    def _gap(self, pixels: Tensor, clusters: Tensor) -> Tensor:
        """Mean discrepancy of the images with enough pixels, or 0."""
        draws = self.draw(*clusters.shape, device=pixels.device)
        samples = []
        images = zip(pixels, clusters, draws.argsort(), strict=True)
        for points, cluster, order in images:
            source = order[cluster[order] == SOURCE][: self.num_samples - 1]
            target = order[cluster[order] == TARGET][: self.num_samples]
            if len(source) + 1 == len(target) == self.num_samples:
                image = points.mean(0, keepdim=True)
                source = torch.cat([image, points[source]])
                samples.append(torch.stack([source, points[target]]))
        if not samples:
            return pixels.sum() * 0
        return discrepancy(*torch.stack(samples, 1)).mean()


def discrepancy(source: Tensor, target: Tensor) -> Tensor:
    """Maximum mean discrepancy of sets (..., n, D), from neighbours, (...).

    Sum of five Gaussian kernels, the third as wide as the mean squared
    distance of two points.
    """
    points = torch.cat([source, target], -2).detach()
    spread = (points - points.mean(-2, keepdim=True)).square().sum((-2, -1))
    # the mean over pairs of different points
    width = 2 * spread / (points.shape[-2] - 1)
    width = (width / 2 ** (NUM_KERNELS // 2)).clamp(min=SMALLEST)[..., None]

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        distance = (a - b).square().sum(-1) / width
        return sum(torch.exp(-distance / 2**i) for i in range(NUM_KERNELS))

    next_source, next_target = source.roll(-1, -2), target.roll(-1, -2)
    same = kernel(source, next_source) + kernel(target, next_target)
    mixed = kernel(source, next_target) + kernel(next_source, target)
    return (same - mixed).mean(-1)
