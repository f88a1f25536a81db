"""Group points around centres that start in given places."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

MAX_ITERS = 300
TOLERANCE = 1e-4  # of the mean variance: the move at which centres rest


@torch.no_grad()
def k_means(points: Tensor, centers: Tensor) -> tuple[Tensor, Tensor]:
    """Lloyd's algorithm as scikit-learn runs it from given centres.

    A centre without points moves to the point that is farthest from its own.
    Of points (N, D) and centres (K, D), N of at least K, the centre of each
    point, int64, (N,), and the centres, (K, D).
    """
    bound = TOLERANCE * points.var(0, correction=0).mean()
    with torch.autocast(points.device.type, enabled=False):
        labels = _nearest(points, centers)
        for _ in range(MAX_ITERS):
            before, last = centers, labels
            centers = _means(points, centers, labels)
            labels = _nearest(points, centers)
            moved = (centers - before).square().sum()
            if moved <= bound or torch.equal(labels, last):
                break
    return labels, centers


def _nearest(points: Tensor, centers: Tensor) -> Tensor:
    # the square of the point itself is the same for all centres
    return (centers.square().sum(1) - 2 * points @ centers.mT).argmin(1)


def _means(points: Tensor, centers: Tensor, labels: Tensor) -> Tensor:
    members = F.one_hot(labels, len(centers)).to(points.dtype)
    empty = (members.sum(0) == 0).nonzero()[:, 0]
    if len(empty):
        far = (points - centers[labels]).square().sum(1)
        far = far.topk(len(empty)).indices
        members[far] = F.one_hot(empty, len(centers)).to(points.dtype)
    return members.mT @ points / members.sum(0).clamp(min=1)[:, None]
