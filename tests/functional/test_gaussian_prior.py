"""SPOL's pseudo masks against the released ones, and by hand."""

import cv2
import numpy as np
import pytest
from method_vectors import vectors

from mmscm.functional.boxes import quantize
from mmscm.functional.gaussian_prior import (
    fitted_gaussian,
    gaussian_prior,
    pseudo_mask,
)


def test_mask_and_weight_are_the_released_ones():
    known = vectors('spol_pseudo_A')
    mask = pseudo_mask(known['map32'].numpy())
    assert ((mask == 1) == known['mask'].numpy()).all()
    assert ((mask != 255) == known['weight'].numpy()).all()
    assert {*np.unique(mask)} == {0, 1, 255}


def test_the_prior_is_the_released_one_in_grey_levels():
    known = vectors('spol_pseudo_A')
    level, prior = known['fore_gaus_uint8'].numpy().transpose(2, 0, 1)
    assert prior.any()
    map32 = known['map32'].numpy().astype(np.float32)
    scores = cv2.resize(map32 / (map32.max() + 1e-6), (256, 256))
    assert (quantize(scores) == level).all()
    assert (quantize(gaussian_prior(scores)) == prior).all()


def test_a_gaussian_has_the_mean_and_a_tenth_of_the_variance():
    weights = np.zeros((9, 9))
    weights[2:7, 2:7] = 1  # variance 2 along either axis
    found = fitted_gaussian(weights)
    assert found[4, 4] == 1
    assert found[4, 5] == pytest.approx(np.exp(-1 / (2 * 0.2)))
    assert found[5, 5] == pytest.approx(np.exp(-2 / (2 * 0.2)))
    np.testing.assert_allclose(found, found[::-1, ::-1])


def test_maps_without_a_weak_part_have_no_prior():
    for value in (0.0, 0.05, 0.9):
        assert not gaussian_prior(np.full((32, 32), value)).any()
    small = np.zeros((32, 32))
    small[4:7, 4:7] = 0.3
    assert not gaussian_prior(small).any()


def test_masks_of_constant_and_negative_maps():
    assert (pseudo_mask(np.zeros((7, 7))) == 0).all()
    assert (pseudo_mask(-np.ones((7, 7))) == 0).all()
    assert (pseudo_mask(np.ones((7, 7))) == 1).all()


def test_the_mask_does_not_depend_on_the_scale_of_the_map():
    noise = np.random.default_rng(0).random((6, 6))
    assert (pseudo_mask(noise) == pseudo_mask(64 * noise)).mean() > 0.99
