"""A batch of patch grids in one vector, for fast stencil products."""

from __future__ import annotations

from copy import copy
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

# A vector as every patch sees it: itself, shape (size,), and what is up,
# right, left and down of it, shape (2, 2, size)
Views: TypeAlias = tuple[Tensor, Tensor]


class FlatGrid:
    """The matrices L of a batch and vectors in one common layout.

    Every row of patches is followed by one zero, every image by a row of
    zeros, so a neighbour is a constant offset, whatever the batch. The
    offsets -row, 1, -1 and row are two steps of row - 1 by two of row + 1: the
    four neighbours of all patches are one strided view, and a product with L
    is one multiplication, one sum and one multiply-add.

    Args:
        diagonal (Tensor): L_ii, shape (B, H, W).
        right (Tensor): Couplings to the right, shape (B, H, W - 1).
        down (Tensor): Couplings downwards, shape (B, H - 1, W).
    """

    def __init__(self, diagonal: Tensor, right: Tensor, down: Tensor) -> None:
        self.shape = batch, height, width = diagonal.shape
        self.row = width + 1
        self.size = batch * (height + 1) * self.row
        # own, up, right, left, down
        weights = diagonal.new_zeros(5, batch, height + 1, self.row)
        weights[0, :, :-1, :-1] = diagonal
        weights[1, :, 1:-1, :-1] = down
        weights[2, :, :-1, :-2] = right
        weights[3, :, :-1, 1:-1] = right
        weights[4, :, :-2, :-1] = down
        self._weigh(weights.view(5, batch, -1))
        self.scratch = torch.empty_like(self.around)

    def _weigh(self, table: Tensor) -> None:
        self.table = table
        self.own = table[0].view(self.size)
        self.around = table[1:].view(2, 2, self.size)

    def norm(self) -> Tensor:
        """Largest sum of magnitudes in a row of L, |L|_inf, shape (B, 1)."""
        return self.table.abs().sum(0).amax(1, keepdim=True)

    def scaled(self, factors: Tensor | float) -> FlatGrid:
        """The same layout with matrices times their factors, shape (B, 1)."""
        other = copy(self)
        other._weigh(self.table * factors)
        return other

    def zeros(self, count: int) -> Tensor:
        """Vectors in this layout, shape (count, length)."""
        length = self.size + 2 * self.row
        return self.own.new_zeros(count, length)

    def views(self, vectors: Tensor) -> list[Views]:
        """What :meth:`multiply` reads and writes, for each vector.

        Made once for many vectors: a view costs as much as a product.
        """
        around = vectors.unfold(-1, self.size + self.row + 1, self.row - 1)
        around = around.unfold(-1, self.size, self.row + 1)
        inside = self._inside(vectors)
        return list(zip(inside.unbind(), around.unbind(), strict=True))

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
        out = self._inside(result)[0]
        self.multiply(self.views(vector)[0], out)
        return result

    def multiply(self, view: Views, out: Tensor) -> None:
        """``out = L view``, shape (size,)."""
        own, around = view
        torch.mul(self.around, around, out=self.scratch)
        torch.sum(self.scratch, (0, 1), out=out)
        out.addcmul_(self.own, own)

    def subtract(self, view: Views, start: Tensor, out: Tensor) -> None:
        """``out = start - L view``, shape (size,)."""
        own, around = view
        torch.mul(self.around, around, out=self.scratch)
        torch.sub(start, self.scratch.sum((0, 1)), out=out)
        out.addcmul_(self.own, own, value=-1)

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
