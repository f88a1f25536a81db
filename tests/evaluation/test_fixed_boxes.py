import numpy as np
import pytest

from mmscm.evaluation.centre_gaussian import centre_gaussian, gaussian_row
from mmscm.evaluation.fixed_boxes import fixed_box_rates
from mmscm.functional.boxes import boxes_from_map, pairwise_iou


def test_rates_by_hand():
    # 0 0 4 9 has 50 inclusive pixels, 25 of them in 0 0 4 4
    truth = [np.array([[0, 0, 4, 4]]), np.array([[0, 0, 4, 9]])]
    rates = fixed_box_rates([[0, 0, 4, 4]], truth, (0.5, 0.6))
    assert rates.tolist() == [[100, 50]]


def test_rates_agree_with_pairwise_iou():
    rng = np.random.default_rng(0)
    low, sides = rng.integers(0, 20, (2, 30, 2))
    truth = np.concatenate([low, low + sides], axis=1)
    boxes = truth[::-7]
    ious = pairwise_iou(boxes, truth, inclusive=True)
    rates = fixed_box_rates(boxes, truth[:, None])
    np.testing.assert_allclose(rates[:, 0], 100 * (ious >= 0.5).mean(1))


def test_boxes_of_the_bump_are_centred_squares():
    score_map = centre_gaussian(32)
    assert (score_map.min(), score_map.max()) == (0, 1)
    for (x0, y0, x1, y1), *_ in boxes_from_map(score_map, [0.4, 0.6, 0.9]):
        assert (x0, x1) == (y0, y1)
        assert x0 + x1 == 33  # 16 is the middle, x1 outside


def test_the_published_row_has_the_first_box_of_an_image_only():
    centred = np.array([[8, 8, 24, 24]])
    corner = np.array([[0, 0, 3, 3]])
    both = np.concatenate([corner, centred])
    row = gaussian_row([centred, both], size=32)
    assert (row.max_box_acc, row.first_box) == (100, 50)


def test_an_image_without_box_is_refused():
    with pytest.raises(ValueError, match='2 images, 1 of them without'):
        fixed_box_rates([[0, 0, 1, 1]], [np.zeros((0, 4)), np.ones((1, 4))])
