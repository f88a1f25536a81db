"""Keys are made from what a value is, and a curve has other thresholds."""

import numpy as np
import pytest

from mmscm.evaluation import Score
from mmscm.evaluation.score import FIXED, ORACLE, V2_IOU_THRS, Curve

ALL = dict(all_contours=True)


def score(name='gt_known', protocol='wsoleval', **fields):
    return Score(name, 'title', 50.0, protocol, **fields)


V2 = 'max_box_acc_v2'
THREE = dict(iou_thrs=V2_IOU_THRS)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('wsol/gt_known', score(iou_thrs=(0.5,))),
        (
            'wsol/gt_known_tscam_iou30',
            score(protocol='tscam', iou_thrs=(0.3,)),
        ),
        ('x/gt_known_all_contours', score(iou_thrs=(0.5,), prefix='x', **ALL)),
        (
            'wsol/max_box_acc_iou30-50-70_at30',
            score('max_box_acc', at_iou=0.3, **THREE),
        ),
        (f'wsol/{V2}_scm', score(V2, 'scm', **THREE, **ALL)),
        (f'wsol/{V2}_iou50', score(V2, iou_thrs=(0.5,), **ALL)),
        ('wsol/px_ap_scm', score('px_ap', 'scm')),
    ],
)
def test_what_is_not_the_default_is_part_of_the_key(value, key):
    assert value.key == key


def test_a_threshold_from_elsewhere_has_the_value_of_the_curve():
    curve = Curve(np.array([0.1, 0.2, 0.3]), np.array([10.0, 50, 30]))
    best = score(cam_thr=0.2, origin=ORACLE, curve=curve)
    stored = best.at(0.3, 'val')
    assert (stored.percent, stored.cam_thr, stored.origin) == (30, 0.3, 'val')
    assert best.at(0.25, 'val') is None  # not on the grid
    assert score('px_ap').at(0.1, 'val') is None


@pytest.mark.parametrize(
    ('thr', 'origin', 'doubted'),
    [
        (0.0, ORACLE, True),
        (0.01, 'val', True),
        (0.3, ORACLE, False),
        (0.99, 'val', True),
        (0.01, FIXED, False),  # nobody chose it
    ],
)
def test_a_best_threshold_on_the_edge_of_its_grid_is_doubted(
    thr, origin, doubted
):
    grid = np.arange(0, 1, 0.01)
    curve = Curve(grid, np.zeros(100))
    value = score(cam_thr=thr, origin=origin, curve=curve)
    assert ('edge of its grid' in ''.join(value.doubts)) is doubted


def test_boxes_of_whole_images_are_doubted_at_the_threshold_that_gives_them():
    curve = Curve(np.array([0.1, 0.2]), np.zeros(2))
    whole = np.array([31.0, 30.0])
    best = score(cam_thr=0.1, origin='val', curve=curve, whole_image=whole)
    assert best.doubts == ['31 % of the boxes at 0.1 are the whole image']
    assert not best.at(0.2, FIXED).doubts
