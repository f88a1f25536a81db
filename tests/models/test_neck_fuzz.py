"""No input within the limits of docs/reliability/numbers.md gives NaN."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from neck_inputs import NeckInput, neck_inputs

from mmscm.models import SCM


def check(case: NeckInput) -> None:
    """Values and gradients of a neck are finite and within their bounds."""
    precise = case.semantic.dtype == torch.float64
    neck = SCM(**case.settings).to(torch.float64 if precise else torch.float32)
    semantic = case.semantic.clone().requires_grad_()
    attention = case.attention.clone().requires_grad_()
    out, attended = neck(semantic, attention)
    # logits are means over the patches, as in training
    (out.mean((-2, -1)).sum() + attended.mean()).backward()
    bound = case.semantic.abs().max().to(out) * 2 ** len(neck.blocks)
    assert out.isfinite().all()
    assert out.abs().max() <= bound * (1 + 1e-5)
    assert attended.isfinite().all()
    assert attended.max() <= 1.001 + len(neck.blocks)
    if case.semantic.abs().max() > 1e21:
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
