"""Maps and settings that a neck should survive, drawn by hypothesis."""

from __future__ import annotations

from typing import NamedTuple

import torch
from hypothesis import strategies as st
from torch import Tensor

# small grids mostly: a large one is no harder, only slower
SIDES = st.sampled_from([1, 1, 2, 2, 3, 3, 5, 5, 8, 14, 64])
SCALES = st.sampled_from(
    [0.0, 1e-38, 1e-30, 1e-20, 1e-6, 1.0, 1e4, 1e10, 1e20, 1e30]
)
LAMBDAS = st.sampled_from([0.0, 1.0, -1.0, 4.0, 1e3, -1e3, 1e9])
BETAS = st.sampled_from([0.0, 0.5, -0.5, 1e-9, 1e-6, 1e3, -1e3, 1e30])
KINDS = ('random', 'constant', 'almost constant', 'spots', 'mixed scales')


class NeckInput(NamedTuple):
    """What :func:`neck_inputs` draws.

    Attributes:
        settings (dict): Arguments of ``SCM``.
        semantic (Tensor): S^0, shape (B, C, H, W).
        attention (Tensor): F^0 in [0, 1], shape (B, H, W).
    """

    settings: dict
    semantic: Tensor
    attention: Tensor


@st.composite
def neck_inputs(draw) -> NeckInput:
    """Settings of a neck and what it gets."""
    batch, channels = draw(st.integers(1, 2)), draw(st.sampled_from([1, 2, 9]))
    height = draw(SIDES)
    width = draw(SIDES)
    iters = [0, 1, 2, 4, 5]
    if height * width <= 64:  # from 9 on through dense matrices
        iters += [8, 9, 16]
    settings = dict(
        num_blocks=draw(st.integers(1, 4)),
        num_iters=draw(st.sampled_from(iters)),
        init_lambda=draw(LAMBDAS | st.floats(-5, 5, width=32)),
        init_beta=draw(BETAS | st.floats(-2, 2, width=32)),
        detach_init=draw(st.booleans()),
        with_filter=draw(st.booleans()),
        with_residual=draw(st.booleans()),
    )
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    dtype = draw(
        st.sampled_from(
            [torch.float32, torch.float64, torch.float16, torch.bfloat16]
        )
    )
    shape = (batch, channels, height, width)
    semantic = _fill(draw(st.sampled_from(KINDS)), shape, generator)
    semantic = (semantic * draw(SCALES)).to(dtype)
    largest = torch.finfo(dtype).max / 8  # infinite in float16 is no input
    plane = (batch, height, width)
    attention = _fill(draw(st.sampled_from(KINDS)), plane, generator).abs()
    attention = attention / attention.max().clamp(min=1)
    return NeckInput(
        settings, semantic.clamp(-largest, largest), attention.to(dtype)
    )


def _fill(kind: str, shape: tuple, generator: torch.Generator) -> Tensor:
    noise = torch.randn(shape, generator=generator)
    if kind == 'constant':
        return torch.ones(shape)
    if kind == 'almost constant':
        return 1 + 2e-7 * noise
    if kind == 'spots':
        return noise * (noise > 1)
    if kind == 'mixed scales':
        spread = torch.randn(shape, generator=generator)
        return noise * 10 ** (8 * spread).clamp(-30, 0)
    return noise
