import numpy as np
import pytest

from mmscm.evaluation.centre_box import best_centre_box, centre_box


def test_square_of_the_definition():
    assert centre_box(143, 224).tolist() == [[40, 40, 183, 183]]
    assert centre_box(224, 224).tolist() == [[0, 0, 223, 223]]


def test_centred_objects_are_found_by_a_square_of_their_size():
    boxes = [centre_box(10, 32), centre_box(10, 32)]
    assert best_centre_box(boxes, 32, iou_thr=1.0) == (100.0, 10)


def test_any_box_of_an_image_counts():
    corner = np.array([[0, 0, 5, 5]])
    both = np.concatenate([corner, centre_box(20, 32)])
    score, _ = best_centre_box([corner, both], 32)
    assert score == 50.0


def test_an_image_without_box_is_refused():
    with pytest.raises(ValueError, match='2 images, 1 of them without'):
        best_centre_box([np.zeros((0, 4)), np.ones((1, 4))], 32)
