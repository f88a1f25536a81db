"""The class token's attention to the patches (Eq. 1), one row a layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ClassAttentionRecorder:
    """A mix-in for mmpretrain backbones: records the class token's row.

    The row is computed beside the fused attention at O(N) a layer, so no
    (N + 1) x (N + 1) matrix is ever made. It is in the graph.
    """

    returns_attention = True
    _rows: list[Tensor] | None = None
    _scale: float | None = None

    def _watch(
        self, attentions: Iterable[nn.Module], scale: float | None = None
    ) -> None:
        """Record these attention modules (mmpretrain's own extension point).

        A bound method follows its module through ``copy.deepcopy`` (EMA).
        ``scale`` is that of all scores, by default d^-0.5.
        """
        self._scale = scale
        for attention in attentions:
            attention.scaled_dot_product_attention = self._attend

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, dropout_p: float = 0.0
    ) -> Tensor:
        if self._rows is not None:
            self._rows.append(class_attention(query, key, self._scale))
        return F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout_p, scale=self._scale
        )

    @contextmanager
    def _recording(self) -> Iterator[list[Tensor]]:
        """Collect the rows of one forward pass, (B, N + extra) a layer.

        The list lives for one pass only: a graph tensor left on a module
        would break deepcopy and keep the graph alive.
        """
        self._rows = rows = []
        try:
            yield rows
        finally:
            self._rows = None


def class_attention(
    query: Tensor,
    key: Tensor,
    scale: float | None = None,
    bias: Tensor | None = None,
) -> Tensor:
    """Softmax attention of token 0 to all tokens, averaged over heads.

    Args:
        query (Tensor): Queries, shape (B, heads, T, d).
        key (Tensor): Keys, shape (B, heads, T, d).
        scale (float, optional): Factor of the scores. Default is d^-0.5.
        bias (Tensor, optional): Added to the scores, shape
            (1 or B, 1 or heads, T, T).

    Returns:
        Tensor: One row of the attention matrix, shape (B, T).
    """
    scores = query[:, :, :1] @ key.mT * (scale or key.shape[-1] ** -0.5)
    if bias is not None:
        scores = scores + bias[..., :1, :]
    return scores.softmax(-1).mean(1).squeeze(1)


def attention_map(
    rows: list[Tensor], num_extra_tokens: int, grid: tuple[int, int]
) -> Tensor:
    """Average the layers and keep the patches (Eq. 1).

    Args:
        rows (list[Tensor]): One row a layer, shape (B, extra + H W).
        num_extra_tokens (int): Leading tokens that are no patches.
        grid (tuple[int, int]): (H, W).

    Returns:
        Tensor: F^0, shape (B, H, W), not normalised.
    """
    mean = torch.stack(rows).mean(0)
    return mean[:, num_extra_tokens:].unflatten(1, grid)
