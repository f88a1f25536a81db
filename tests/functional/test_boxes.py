import numpy as np
import pytest

from mmscm.functional.boxes import boxes_from_map, pairwise_iou


def plane(*rectangles, shape=(8, 12)):
    out = np.zeros(shape, np.float32)
    for x0, y0, x1, y1, value in rectangles:
        out[y0:y1, x0:x1] = value
    return out


LINE, SQUARE = (0, 0, 10, 1, 1), (0, 3, 2, 5, 1)  # polygon areas 0, 1
STEPS = plane((0, 0, 6, 2, 0.5), (2, 0, 4, 2, 1))  # grey levels 127 and 255


@pytest.mark.parametrize(
    ('score_map', 'cam_thr', 'box'),
    [
        (plane((2, 3, 6, 5, 1)), 0.5, [2, 3, 6, 5]),  # x1, y1 outside
        (STEPS, 0.49, [0, 0, 6, 2]),
        (STEPS, 0.5, [2, 0, 4, 2]),  # above int(0.5 * 255) = 127
        (STEPS / 2, 0.4, [0, 0, 6, 2]),  # a fraction of the maximum
        (STEPS / 2, 0.6, [2, 0, 4, 2]),
        (plane(LINE, SQUARE), 0.5, [0, 3, 2, 5]),  # not the most pixels
        (plane((0, 0, 2, 2, 1), (2, 2, 4, 4, 1)), 0.5, [0, 0, 4, 4]),
    ],
)
def test_boxes_of_hand_made_maps(score_map, cam_thr, box):
    (found,) = boxes_from_map(score_map, [cam_thr])
    np.testing.assert_array_equal(found, [box])


def test_all_contours_include_the_border_of_a_hole():
    ring = plane((1, 1, 7, 7, 1), (3, 3, 5, 5, 0))
    (boxes,) = boxes_from_map(ring, [0.5], all_contours=True)
    assert sorted(boxes.tolist()) == [[1, 1, 7, 7], [2, 2, 6, 6]]


def test_clipping_moves_only_the_sides_outside():
    score_map = plane((4, 2, 12, 8, 1))
    (box,) = boxes_from_map(score_map, [0.5])
    np.testing.assert_array_equal(box, [[4, 2, 11, 7]])
    (box,) = boxes_from_map(score_map, [0.5], clip=False)
    np.testing.assert_array_equal(box, [[4, 2, 12, 8]])


def test_nothing_above_the_threshold_gives_the_empty_box():
    (box,) = boxes_from_map(plane(), [0.5])
    np.testing.assert_array_equal(box, [[0, 0, 0, 0]])
    (box,) = boxes_from_map(plane(), [0], empty_box=(0, 0, 1, 1))
    np.testing.assert_array_equal(box, [[0, 0, 1, 1]])


@pytest.mark.parametrize(
    ('score_map', 'thrs', 'message'),
    [
        (np.full((4, 4), np.nan), [0.5], 'got values from nan'),
        (np.full((4, 4), 1.5), [0.5], 'values from 1.5 to 1.5'),
        (np.zeros((1, 4, 4)), [0.5], r'got shape \(1, 4, 4\)'),
        (np.zeros((4, 4)), [50], 'fractions of the maximum'),
        (np.zeros((4, 4)), [], 'fractions of the maximum'),
    ],
)
def test_wrong_input_is_refused(score_map, thrs, message):
    with pytest.raises(ValueError, match=message):
        boxes_from_map(score_map, thrs)


def test_iou_of_hand_made_boxes():
    a = [[0, 0, 4, 4], [10, 10, 12, 12]]
    b = [[2, 0, 6, 4], [0, 0, 4, 4]]
    np.testing.assert_allclose(pairwise_iou(a, b), [[8 / 24, 1], [0, 0]])
    # inclusive: 5 x 5 each, 3 x 5 shared
    got = pairwise_iou(a, b, inclusive=True)
    np.testing.assert_allclose(got, [[15 / 35, 1], [0, 0]])


def test_iou_of_boxes_that_touch_or_are_empty():
    a, b = [[0, 0, 4, 4]], [[4, 0, 8, 4]]
    assert pairwise_iou(a, b) == 0
    assert pairwise_iou(a, b, inclusive=True) == 5 / 45
    assert pairwise_iou([[1, 1, 1, 1]], [[1, 1, 1, 1]]) == 0  # not NaN


def test_boxes_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r'got shape \(4,\)'):
        pairwise_iou([0, 0, 1, 1], [[0, 0, 1, 1]])
