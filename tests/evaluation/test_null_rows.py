import numpy as np
import pytest

from mmscm.evaluation.null_rows import (
    best_centre_box,
    centre_box,
    centre_gaussian,
    fixed_box_rates,
    gaussian_row,
)
from mmscm.functional.boxes import boxes_from_map


def test_a_centred_object_is_found_by_a_square_of_its_size():
    assert centre_box(143, 224).tolist() == [[40, 40, 183, 183]]
    assert centre_box(224, 224).tolist() == [[0, 0, 223, 223]]
    assert best_centre_box([centre_box(10, 32)], 32, 1.0) == (100.0, 10)


def test_any_box_of_an_image_counts():
    corner = np.array([[0, 0, 5, 5]])
    both = np.concatenate([corner, centre_box(20, 32)])
    score, _ = best_centre_box([corner, both], 32)
    assert score == 50.0


def test_rates_by_hand():
    # 0 0 4 9 has 50 inclusive pixels, 25 of them in 0 0 4 4
    truth = [np.array([[0, 0, 4, 4]]), np.array([[0, 0, 4, 9]])]
    rates = fixed_box_rates([[0, 0, 4, 4]], truth, (0.5, 0.6))
    assert rates.tolist() == [[100, 50]]


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


@pytest.mark.parametrize('rate', [best_centre_box, gaussian_row])
def test_an_image_without_box_is_refused(rate):
    with pytest.raises(ValueError, match='2 images, 1 of them without'):
        rate([np.zeros((0, 4)), np.ones((1, 4))], 32)
