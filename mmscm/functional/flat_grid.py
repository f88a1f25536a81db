"""A batch of patch grids in one vector, for fast stencil products."""

from __future__ import annotations

from copy import copy
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

# A vector as every patch sees it: itself, right, left, down and up of it
Views: TypeAlias = tuple[Tensor, ...]


class FlatGrid:
    """The matrices L of a batch and vectors in one common layout.

    Every row of patches is followed by one zero, every image by a row of
    zeros, so a neighbour is a constant offset and a product with L is five
    contiguous multiply-adds over the whole batch, whatever its size.

    Args:
        diagonal (Tensor): L_ii, shape (B, H, W).
        right (Tensor): Couplings to the right, shape (B, H, W - 1).
        down (Tensor): Couplings downwards, shape (B, H - 1, W).
    """

    def __init__(self, diagonal: Tensor, right: Tensor, down: Tensor) -> None:
        self.shape = batch, height, width = diagonal.shape
        self.row = width + 1
        self.size = batch * (height + 1) * self.row
        self.offsets = (0, 1, -1, self.row, -self.row)
        # own, right, left, down, up
        weights = diagonal.new_zeros(5, batch, height + 1, self.row)
        weights[0, :, :-1, :-1] = diagonal
        weights[1, :, :-1, :-2] = right
        weights[2, :, :-1, 1:-1] = right
        weights[3, :, :-2, :-1] = down
        weights[4, :, 1:-1, :-1] = down
        self.table = weights.view(5, batch, -1)
        self.weights = weights.view(5, self.size).unbind()

    def norm(self) -> Tensor:
        """Largest sum of magnitudes in a row of L, |L|_inf, shape (B, 1)."""
        return self.table.abs().sum(0).amax(1, keepdim=True)

    def scaled(self, factors: Tensor | float) -> FlatGrid:
        """The same layout with matrices times their factors, shape (B, 1)."""
        other = copy(self)
        other.table = self.table * factors
        other.weights = other.table.view(5, self.size).unbind()
        return other

    def zeros(self, count: int) -> Tensor:
        """Vectors in this layout, shape (count, length)."""
        length = self.size + 2 * self.row
        return self.weights[0].new_zeros(count, length)

    def views(self, vectors: Tensor) -> list[Views]:
        """What :meth:`multiply` reads and writes, for each vector.

        Made once for many vectors: a view costs as much as a product.
        """
        shifted = [
            self._inside(vectors, offset).unbind() for offset in self.offsets
        ]
        return list(zip(*shifted, strict=True))

    def put(self, values: Tensor) -> Tensor:
        """Maps (B, H, W) as a vector, shape (1, length)."""
        inside = F.pad(values, (0, 1, 0, 1)).view(1, self.size)
        return F.pad(inside, (self.row, self.row))

    def take(self, vector: Tensor) -> Tensor:
        """The maps of a vector (1, length), shape (B, H, W)."""
        return self._maps(self._inside(vector)[0]).contiguous()

    def product(self, vector: Tensor) -> Tensor:
        """L times one vector, shape (1, length)."""
        result = self.zeros(1)
        self.multiply(self.views(vector)[0], self.views(result)[0])
        return result

    def multiply(self, view: Views, out: Views) -> None:
        """``out = L view``."""
        own, *others = self.weights
        torch.mul(own, view[0], out=out[0])
        for weight, neighbour in zip(others, view[1:], strict=True):
            out[0].addcmul_(weight, neighbour)

    def subtract(self, view: Views, start: Views, out: Views) -> None:
        """``out = start - L view``."""
        own, *others = self.weights
        torch.addcmul(start[0], own, view[0], value=-1, out=out[0])
        for weight, neighbour in zip(others, view[1:], strict=True):
            out[0].addcmul_(weight, neighbour, value=-1)

    def couplings(
        self, rows: Tensor, cols: Tensor, factors: Tensor | float
    ) -> list[Tensor]:
        """``factor * sum_k rows_k cols_k^T`` where L has entries.

        Args:
            rows (Tensor): Vectors, shape (K, length).
            cols (Tensor): Vectors, shape (K, length).
            factors (Tensor | float): Multiplies the sum, shape (B, 1, 1).

        Returns:
            list[Tensor]: Parts of the diagonal, right and down couplings.
        """
        inner = self._inside(rows), self._inside(cols)
        own = (inner[0] * inner[1]).sum(0)
        sums = [own]
        for offset in (1, self.row):
            there = inner[0] * self._inside(cols, offset)
            there.addcmul_(self._inside(rows, offset), inner[1])
            sums.append(there.sum(0))
        own, right, down = (self._maps(part) * factors for part in sums)
        return [own, right[..., :-1], down[:, :-1]]

    def _inside(self, flat: Tensor, offset: int = 0) -> Tensor:
        return flat.narrow(-1, self.row + offset, self.size)

    def _maps(self, inside: Tensor) -> Tensor:
        batch, height, width = self.shape
        grid = inside.view(batch, height + 1, self.row)
        return grid[:, :height, :width]
