"""Totals of ready maps against masks, on four pixels."""

from __future__ import annotations

import numpy as np
import pytest

from mmscm.evaluation.mask_scores import MaskTotals

SCORES = np.array([[0.9, 0.6], [0.4, 0.1]])
MASK = np.array([[1, 0], [1, 0]])


def totals(*pairs):
    scored = MaskTotals()
    for scores, mask in pairs:
        scored.add(scores, mask)
    return scored


def test_px_ap_is_precision_times_gain_of_recall():
    # 0.9 finds half the object at precision 1, 0.4 the rest at 2 / 3
    ap = totals((SCORES, MASK)).px_ap()
    assert ap == pytest.approx(100 * (0.5 * 1 + 0.5 * 2 / 3))


def test_a_map_equal_to_its_mask_has_px_ap_100():
    assert totals((MASK.astype(float), MASK)).px_ap() == pytest.approx(100)


def test_iou_is_of_the_pixels_at_a_threshold_and_above():
    ious = totals((SCORES, MASK)).ious
    # all four pixels; 0.9, 0.6 and 0.4; 0.9 and 0.6; 0.9
    assert ious[[0, 300, 500, 800]] == pytest.approx(
        [1 / 2, 2 / 3, 1 / 3, 0.5]
    )


def test_ignored_pixels_are_in_no_count():
    ignored = np.array([[1, 255], [1, 0]])
    scored = totals((SCORES, ignored))
    assert scored.counts.sum() == 3
    assert scored.px_ap() == pytest.approx(100)


def test_merged_totals_are_those_of_all_images():
    first, second = totals((SCORES, MASK)), totals((1 - SCORES, MASK))
    whole = totals((SCORES, MASK), (1 - SCORES, MASK))
    first.merge(second)
    assert first.images == whole.images == 2
    np.testing.assert_array_equal(first.counts, whole.counts)
    np.testing.assert_array_equal(first.ious, whole.ious)
