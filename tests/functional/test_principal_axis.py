"""Moments of a class (DDT) and the principal axis of channels (PC1)."""

import pytest
import torch
from method_vectors import vectors
from torch.testing import assert_close

from mmscm.functional.principal_axis import Moments, pc1_maps


def test_ddt_in_batches_is_the_released_axis_and_heat():
    known = vectors('ddt_A')
    moments = Moments(16)
    for batch in known['features_nhwc'].split(4):
        moments.add(batch)
    mean, axis = moments.axis()
    heat = (known['features_nhwc'] - mean) @ axis
    exact = dict(rtol=1e-9, atol=1e-9)
    assert_close(mean, known['mean'], **exact)
    assert_close(axis, known['component'][0], **exact)
    assert_close(heat, known['heatmaps'], **exact)


def test_moments_do_not_depend_on_the_batches():
    features = torch.randn(7, 3, 5) + 40
    whole, parts = Moments(5), Moments(5)
    whole.add(features)
    for image in features:
        parts.add(image)
    assert_close(parts.axis(), whole.axis())


def test_a_class_without_images_has_no_axis():
    with pytest.raises(ValueError, match='features of an image'):
        Moments(3).axis()


def bump():
    """A map with an object off the border, shape (6, 7)."""
    plane = torch.zeros(6, 7, dtype=torch.float64)
    plane[2:4, 3:5] = 1
    return plane


@pytest.mark.parametrize('sign', [1, -1])
def test_pc1_of_channels_that_show_one_object_is_that_object(sign):
    tokens = torch.stack([bump() * scale for scale in (1, 2, -1)])
    weights = torch.tensor([[1.0, 0.5, 2.0]], dtype=torch.float64) * sign
    assert_close(pc1_maps(tokens, weights)[0], bump())


def test_pc1_is_the_first_axis_of_a_pca_over_channels():
    torch.manual_seed(0)
    tokens = torch.rand(9, 4, 5).double() + bump()[:4, :5]
    weights = torch.randn(2, 9).double()
    for found, row in zip(pc1_maps(tokens, weights), weights, strict=True):
        rows = (row[:, None, None] * tokens).flatten(1)
        rows = rows - rows.amin(1, keepdim=True)
        rows = rows / rows.amax(1, keepdim=True)
        axis = torch.linalg.eigh(rows.T.cov())[1][:, -1].view(4, 5)
        flat = torch.stack([found.flatten(), axis.flatten()]).corrcoef()
        assert_close(flat[0, 1].abs(), torch.tensor(1.0).double())


def test_pc1_of_constant_channels_is_finite():
    assert pc1_maps(torch.ones(3, 2, 2), torch.ones(1, 3)).isfinite().all()
