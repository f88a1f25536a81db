"""No input within the limits of docs/reliability/numbers.md gives NaN."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmscm.functional.maps import at_least_float32
from mmscm.models import SCM

# small grids mostly: a large one is no harder, only slower
SIDES = st.sampled_from([1, 1, 2, 2, 3, 3, 5, 5, 8, 14, 64])
SCALES = st.sampled_from(
    [0.0, 1e-38, 1e-30, 1e-20, 1e-6, 1.0, 1e4, 1e10, 1e20, 1e30]
)
LAMBDAS = st.sampled_from([0.0, 1.0, -1.0, 4.0, 1e3, -1e3, 1e9])
BETAS = st.sampled_from([0.0, 0.5, -0.5, 1e-9, 1e-6, 1e3, -1e3, 1e30])
KINDS = ('random', 'constant', 'almost constant', 'spots', 'mixed scales')


@st.composite
def neck_inputs(draw):
    """Arguments of SCM, S^0 (B, C, H, W) and F^0 in [0, 1] (B, H, W)."""
    batch, channels = draw(st.integers(1, 2)), draw(st.sampled_from([1, 2, 9]))
    height = draw(SIDES)
    width = draw(SIDES)
    iters = [0, 1, 2, 4, 5]
    if height * width <= 64:  # from 9 on through dense matrices
        iters += [8, 9, 16]
    arguments = dict(
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
    return arguments, semantic.clamp(-largest, largest), attention.to(dtype)


def _fill(kind, shape, generator):
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


def check(case):
    """Values and gradients of a neck are finite and within their bounds."""
    arguments, semantic, attention = case
    largest = semantic.abs().max()
    neck = SCM(**arguments).to(at_least_float32(semantic))
    semantic.requires_grad_()
    attention.requires_grad_()
    out, attended = neck(semantic, attention)
    # logits are means over the patches, as in training
    (out.mean((-2, -1)).sum() + attended.mean()).backward()
    bound = largest.to(out) * 2 ** len(neck.blocks)
    assert out.isfinite().all()
    assert out.abs().max() <= bound * (1 + 1e-5)
    assert attended.isfinite().all()
    assert attended.max() <= 1.001 + len(neck.blocks)
    if largest > 1e21:
        return  # the gradient itself may be beyond float32
    for parameter in neck.parameters():
        if parameter.requires_grad:
            assert parameter.grad.isfinite().all()
    for grad in (attention.grad, semantic.grad):
        assert not grad.isnan().any()
        if grad.dtype != torch.float16:  # whose 65504 the loss scaler handles
            assert grad.isfinite().all()


quietly = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@settings(quietly, max_examples=100)
@given(neck_inputs())
def test_values_and_gradients_are_finite(case):
    check(case)


@pytest.mark.nightly
@settings(quietly, max_examples=10_000, derandomize=False, database=None)
@given(neck_inputs())
def test_10_000_more_inputs_give_finite_values_and_gradients(case):
    check(case)
