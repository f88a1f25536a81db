"""Images without content and autocast give a finite loss and gradient."""

import pytest
import torch
from small_models import samples
from test_wsol_classifier import build

IMAGES = {
    'black': torch.zeros(2, 3, 32, 32),
    'one value': torch.full((2, 3, 32, 32), 2.5),
    'one value an image': torch.ones(2, 3, 32, 32)
    * torch.tensor([-2.0, 2.0]).view(2, 1, 1, 1),
    'huge values': 1e4 * torch.randn(2, 3, 32, 32),
}


@pytest.mark.parametrize('images', IMAGES.values(), ids=IMAGES)
@pytest.mark.parametrize('neck', [True, False])
@pytest.mark.parametrize('dtype', [None, torch.bfloat16, torch.float16])
def test_loss_and_gradient_are_finite(images, neck, dtype):
    model = build(neck=neck)
    with torch.autocast('cpu', dtype, enabled=dtype is not None):
        loss = model.loss(images, samples(0, 3))['loss']
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize('neck', [True, False])
def test_one_image_and_one_class_are_enough(neck):
    model = build(neck=neck, num_classes=1)
    loss = model.loss(torch.randn(1, 3, 32, 32), samples(0))['loss']
    loss.backward()
    assert loss == 0
    assert all(p.grad.isfinite().all() for p in model.parameters())


@torch.no_grad()
def test_attention_that_spans_little_in_float16_is_still_normalised():
    model = build()
    low, high = 1e-5, 3e-5  # both below the smallest normal number
    plane = torch.tensor([[[low, high]]], dtype=torch.float16)
    model.backbone.forward = lambda inputs: (torch.zeros(1, 24, 1, 2), plane)
    _, attention = model.extract_maps(torch.zeros(1, 3, 32, 32))
    assert attention.tolist() == [[[0, 1]]]
