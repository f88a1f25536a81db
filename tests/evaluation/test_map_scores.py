"""Totals of ready maps: 10 x 10 images that can be scored on paper."""

from __future__ import annotations

import numpy as np
from hand_made import rectangle

from mmscm.evaluation.map_scores import BoxTotals

# Boxes of maps are x1, y1 outside, and IoU counts border pixels.
CORE = np.array([[4.0, 4.0, 8.0, 8.0]])  # 25 pixels


def steps():
    """0.5 on 64 pixels around the 25 of the core, which has 1."""
    plane = 0.5 * rectangle(1, 1, 8, 8) + 0.5 * rectangle(4, 4, 8, 8)
    return plane.numpy()


def totals(thrs, **options):
    return BoxTotals(np.array(thrs), **options)


def test_a_threshold_hits_where_its_box_is_good_enough():
    scored = totals([0.2, 0.6])
    scored.add(steps(), CORE)
    # 25 / 64 = 0.39 below the outer value, 1 above it
    assert scored.v1.tolist() == [0, 1]
    assert scored.v2.tolist() == [[1, 1], [0, 1], [0, 1]]


def test_all_contours_count_for_v2_only():
    plane = rectangle(0, 0, 6, 6) + rectangle(7, 7, 9, 9)
    scored = totals([0.5])
    scored.add(plane.numpy(), np.array([[7.0, 7.0, 9.0, 9.0]]))
    assert scored.v1.tolist() == [0]  # the larger contour
    assert scored.v2.tolist() == [[1], [1], [1]]


def test_the_best_of_several_true_boxes_counts():
    scored = totals([0.6])
    scored.add(steps(), np.array([[0.0, 0.0, 1.0, 1.0], *CORE]))
    assert scored.v1.tolist() == [1]


def test_a_map_without_any_object_hits_nothing():
    scored = totals([0.0, 0.5])
    scored.add(np.zeros((10, 10)), CORE)
    assert (scored.images, scored.v1.sum(), scored.v2.sum()) == (1, 0, 0)


def test_topk_needs_both_the_label_and_the_box():
    scored = totals([0.2, 0.6], topk=(1, 5))
    for rank in (0, 3, 5, None):
        scored.add(steps(), CORE, rank)
    assert scored.cls.tolist() == [1, 2]
    assert scored.loc.tolist() == [[0, 1], [0, 2]]


def test_an_iou_of_one_half_is_no_hit_for_the_topk_of_tscam():
    scored = totals([0.5], fixed_thrs=(0.5,), topk=(1,))
    plane = rectangle(0, 0, 4, 4).numpy()  # 25 pixels of 50
    scored.add(plane, np.array([[0.0, 0.0, 4.0, 9.0]]), 0)
    assert scored.fixed['wsoleval'].tolist() == [[1], [1]]
    assert scored.fixed['tscam'].tolist() == [[1], [0]]


def test_merged_totals_are_those_of_all_images():
    options = dict(fixed_thrs=(0.1,), topk=(1,))
    whole, *parts = (totals([0.2, 0.6], **options) for _ in range(3))
    for part, rank in zip(parts, (0, None), strict=True):
        for scored in (whole, part):
            scored.add(steps(), CORE, rank)
    first, second = parts
    first.merge(second)
    assert first.images == whole.images == 2
    for name in ('v1', 'v2', 'loc', 'cls'):
        np.testing.assert_array_equal(
            getattr(first, name), getattr(whole, name)
        )
    for name, hits in whole.fixed.items():
        np.testing.assert_array_equal(first.fixed[name], hits)
