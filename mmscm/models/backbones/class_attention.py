"""The class token's attention to the patches (Eq. 1), one row a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from mmpretrain.models.utils import MultiheadAttention
from torch import Tensor


class ClassAttentionRecorder:
    """A mix-in for mmpretrain backbones: records the class token's row.

    The row is computed beside the fused attention at O(N) a layer, so no
    (N + 1) x (N + 1) matrix is ever made. It is in the graph. Arguments
    beyond those of the backbone are explained at AttentionViT.
    """

    returns_attention = True
    _rows: list[Tensor] | None = None

    def __init__(
        self,
        *args,
        attention_layers: Sequence[int] | None = None,
        relation: bool = False,
        qk_scale: float | None = None,
        **kwargs,
    ) -> None:
        if not kwargs.get('with_cls_token', True):
            raise ValueError(
                'Expected `with_cls_token=True`, but got False. The attention '
                'map is the attention of the class token.'
            )
        super().__init__(*args, **kwargs)
        kind = MultiheadAttention
        attentions = [m for m in self.modules() if isinstance(m, kind)]
        self._layers = map_layers(attention_layers, len(attentions))
        self._relation = relation
        self._scale = qk_scale
        # a bound method follows its module through copy.deepcopy (EMA)
        for attention in attentions:
            attention.scaled_dot_product_attention = self._attend

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, dropout_p: float = 0.0
    ) -> Tensor:
        if self._rows is not None:
            self._rows.append(self._row(query, key))
        return F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout_p, scale=self._scale
        )

    def _row(self, query: Tensor, key: Tensor) -> Tensor:
        relation = self._relation and not self.training
        return class_attention(query, key, self._scale, relation=relation)

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
    relation: bool = False,
) -> Tensor:
    """Row (B, T) of token 0 in the softmax attention, averaged over heads.

    Args:
        query (Tensor): Queries, shape (B, heads, T, d).
        key (Tensor): Keys, shape (B, heads, T, d).
        scale (float, optional): Factor of the scores. Default is d^-0.5.
        bias (Tensor, optional): Added to the scores, shape
            (1 or B, 1 or heads, T, T).
        relation (bool): What token 0 attends to in two steps of a layer
            instead, which needs the whole T x T matrix.
    """
    rows = slice(None if relation else 1)
    scores = query[:, :, rows] @ key.mT * (scale or key.shape[-1] ** -0.5)
    if bias is not None:
        scores = scores + bias[..., rows, :]
    attention = scores.softmax(-1).mean(1)
    return two_steps(attention) if relation else attention.squeeze(1)


def two_steps(attention: Tensor) -> Tensor:
    """R = (A A)[0] / T, (B, T, T) to (B, T) (LCTR, AAAI 2022).

    A patch counts by how much those attend to it that token 0 attends to.
    """
    rows = attention[:, :1] @ attention
    return rows.squeeze(1) / attention.shape[-1]


def map_layers(layers: Sequence[int] | None, count: int) -> list[int]:
    """Numbers of the layers that make the map, of ``count``; default all."""
    chosen = list(range(count) if layers is None else layers)
    if not chosen or any(not -count <= layer < count for layer in chosen):
        raise ValueError(
            f'Expected `attention_layers` between {-count} and {count - 1}, '
            f'at least one, but got {layers}.'
        )
    return chosen


def attention_map(
    rows: list[Tensor],
    layers: list[int],
    num_extra_tokens: int,
    grid: tuple[int, int],
) -> Tensor:
    """Mean of some layers' rows (..., B, extra + H W) as map (Eq. 1).

    F^0, shape (..., B, H, W), not normalised. The leading ``num_extra_tokens``
    are no patches; in Eq. 1 all layers take part.
    """
    mean = torch.stack([rows[layer] for layer in layers]).mean(0)
    return mean[..., num_extra_tokens:].unflatten(-1, grid)
