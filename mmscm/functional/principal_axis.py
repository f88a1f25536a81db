"""The first principal axis of features: of a class (DDT), of a map (PC1)."""

from __future__ import annotations

import torch
from torch import Tensor

from .maps import min_max_normalize


class Moments:
    """Mean and covariance of features that come a batch at a time.

    Memory is one D x D matrix.

    Args:
        dims (int): D, channels of a feature.
        device (torch.device | str): Where the sums are kept, float64.
    """

    def __init__(self, dims: int, device: torch.device | str = 'cpu') -> None:
        self.count = 0
        self.total = torch.zeros(dims, dtype=torch.float64, device=device)
        self.products = self.total.new_zeros(dims, dims)

    def add(self, features: Tensor) -> None:
        """Count features of any batch, shape (..., D)."""
        features = features.reshape(-1, features.shape[-1]).double()
        self.count += len(features)
        self.total += features.sum(0)
        self.products += features.mT @ features

    def axis(self) -> tuple[Tensor, Tensor]:
        """Mean and first principal axis, of length 1, both of shape (D,).

        The axis points to where its largest component is positive, as
        scikit-learn's does.
        """
        if not self.count:
            raise ValueError('Expected features of an image, but got none.')
        mean = self.total / self.count
        covariance = self.products / self.count - mean.outer(mean)
        axis = torch.linalg.eigh(covariance).eigenvectors[:, -1]
        return mean, axis * axis[axis.abs().argmax()].sign()


def pc1_maps(tokens: Tensor, weights: Tensor) -> Tensor:
    """PC1 of CAM Back Again (Yasuki and Taki, CVPR 2024), a map a class.

    Of the D weighted channels w_d F_d of a class, each scaled to [0, 1], the
    first principal axis over the patches is the map, channels being samples.
    If more than half of the border is above the mean of the map, it shows
    the background and is turned round. Features (D, H, W) of an image and
    weights (K, D) of K classes give maps (K, H, W).

    Differs from the released code: the border is complete, there one row and
    one column of it are left out, and maps are scaled to [0, 1].
    """
    channels = min_max_normalize(weights[:, :, None, None] * tokens)
    channels = channels.flatten(2)  # (K, D, H W)
    centred = channels - channels.mean(1, keepdim=True)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:, 0]
    maps = min_max_normalize(axes.unflatten(1, tokens.shape[-2:]))
    above = (maps > maps.mean((-2, -1), keepdim=True)).to(maps.dtype)
    inside = above[:, 1:-1, 1:-1]
    cells = above[0].numel() - inside[0].numel()
    on_border = (above.sum((-2, -1)) - inside.sum((-2, -1))) / cells
    return torch.where(on_border[:, None, None] > 0.5, 1 - maps, maps)
