"""Fused against plain attention, which :func:`attend` chooses between."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .setting import DTYPES, Setting
from .timing import Row, compare

# 224, 448 and 512 px at patch 16
TOKENS = (197, 785, 1025)
HEADS, WIDTH = 6, 64  # DeiT-S


def benchmark_attention(setting: Setting) -> dict[str, list[Row]]:
    """Both kernels in each dtype, forward and backward.

    Args:
        setting (Setting): Batch, rounds and clock are read.

    Returns:
        dict[str, list[Row]]: 'times'.
    """
    rows = []
    for tokens in TOKENS:
        for name, dtype in DTYPES.items():
            torch.manual_seed(0)
            shape = setting.batch, HEADS, tokens, WIDTH
            qkv = torch.randn(3, *shape).to(dtype).requires_grad_()
            variants = {
                'fused': _pass(F.scaled_dot_product_attention, qkv),
                'plain': _pass(plain, qkv),
            }
            case = f'{tokens} tokens, {name}'
            rows += compare(case, variants, setting.rounds, setting.clock)
    return dict(times=rows)


def plain(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax attention with its matrix, (B, heads, T, d) each."""
    scores = query * query.shape[-1] ** -0.5 @ key.mT
    return scores.softmax(-1) @ value


def _pass(attend: Callable[..., Tensor], qkv: Tensor) -> Callable:
    upstream = torch.ones_like(qkv[0])
    return lambda: torch.autograd.grad(attend(*qkv), qkv, upstream)
