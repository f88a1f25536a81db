"""A batch of patch grids in one vector: neighbours are constant offsets."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


class FlatGrid:
    """Vectors over the patches of a batch.

    A vector is the patches of all images in a row, with zeros before and
    after them. What is up, right, left and down of a patch is W before, 1
    behind, 1 before and W behind it. These offsets are a lattice, two steps
    of W - 1 by two of W + 1, so the neighbours of all patches are one strided
    view. That the last patch of a row is no neighbour of the first of the
    next is up to the matrices, which have zeros there.

    Args:
        shape (Sequence[int]): B, H and W.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = batch, height, self.width = shape
        self.size = batch * height * self.width
        self.margin = 3 * self.width
        self.length = self.size + 2 * self.margin

    def put(self, maps: Tensor) -> Tensor:
        """Maps (..., B, H, W) as vectors, shape (..., length)."""
        return F.pad(maps.flatten(-3), (self.margin, self.margin))

    def take(self, vectors: Tensor) -> Tensor:
        """The maps of vectors, shape (..., B, H, W)."""
        return self.inside(vectors).unflatten(-1, self.shape)

    def inside(self, vectors: Tensor, offset: int = 0) -> Tensor:
        """What is at an offset of all patches, shape (..., size)."""
        return vectors.narrow(-1, self.margin + offset, self.size)

    def scaled(self, vectors: Tensor, factors: Tensor) -> Tensor:
        """Vectors times a factor for each image (B, 1), shape (..., size)."""
        images = self.inside(vectors).unflatten(-1, (self.shape[0], -1))
        return (images * factors).flatten(-2)

    def ahead(self, vectors: Tensor) -> Tensor:
        """What is right and down of all patches, shape (..., 2, size)."""
        return self._lattice(vectors, 1, (2, self.width - 1))

    def around(self, vectors: Tensor) -> Tensor:
        """What is next to all patches, shape (..., 2, 2, size).

        In the order up, right, left, down.
        """
        width = self.width
        return self._lattice(vectors, -width, (2, width - 1), (2, width + 1))

    def offset(self, a: int, b: int) -> int:
        """That of one patch in :meth:`around`, its a-th row, b-th column."""
        return -self.width + a * (self.width - 1) + b * (self.width + 1)

    def diamond(self, vectors: Tensor) -> Tensor:
        """What is at most two steps from patches, shape (..., 2, 3, 3, size).

        First the patches an even number of steps away, then in the first two
        rows and columns those an odd number away; what else is there is
        farther away.
        """
        width = self.width
        lattice = (2, width), (3, width - 1), (3, width + 1)
        return self._lattice(vectors, -2 * width, *lattice)

    def _lattice(
        self, vectors: Tensor, start: int, *axes: tuple[int, int]
    ) -> Tensor:
        first = self.inside(vectors, start)
        counts, steps = zip(*axes, strict=True)
        return first.as_strided(
            (*first.shape[:-1], *counts, self.size),
            (*first.stride()[:-1], *steps, 1),
        )
