"""What the three released evaluators print on tests/data/evaluation.npz."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hand_made import run
from parity_samples import EXPECTED

from mmscm.evaluation import (
    ERRORS,
    LocalizationAccuracy,
    MaxBoxAcc,
    get_protocol,
    top1_error,
)
from mmscm.evaluation.sample import SampleView


def exactly(value):
    return pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize('cam_thr', [0.1, 0.12, 0.35, 0.5])
def test_tscam_is_reproduced_at_its_fixed_thresholds(samples, cam_thr):
    got = run(LocalizationAccuracy('tscam', cam_thr=cam_thr), samples)
    want = EXPECTED['tscam_released'][f'{cam_thr:g}']
    for k, kind in product((1, 5), ('cls', 'loc')):
        value = got[f'wsol/top{k}_{kind}_tscam']
        assert value == exactly(want[f'{kind}_top{k}'])
    assert got['wsol/gt_known_tscam'] == exactly(want['gt_known'])
    assert got['wsol/gt_known_tscam_thr'] == cam_thr


@pytest.mark.parametrize('cam_thr', [0.1, 0.12, 0.35, 0.5])
def test_tscam_error_split_is_reproduced(samples, cam_thr):
    errors = Counter(tscam_error(data, cam_thr) for data in samples)
    want = EXPECTED['tscam_released'][f'{cam_thr:g}']
    for name in ERRORS:
        released = name.replace('part', 'region_part')
        released = released.replace('more', 'region_more')
        released = 'region_wrong' if name == 'wrong' else released
        assert 100 * errors[name] / len(samples) == exactly(want[released])


def tscam_error(data, cam_thr):
    sample, tscam = SampleView(data), get_protocol('tscam')
    label = sample.predicted_label
    (box,) = sample.boxes(label, tscam, np.array([cam_thr]))
    right = label == sample.gt_label
    return top1_error(right, box, sample.true_boxes(tscam))


@pytest.mark.parametrize('all_contours', [False, True])
@pytest.mark.parametrize('iou_thr', [0.3, 0.5, 0.7])
def test_scm_is_reproduced(samples, iou_thr, all_contours):
    options = dict(iou_thr=iou_thr, all_contours=all_contours)
    metric = LocalizationAccuracy('scm', **options)
    run(metric, samples)
    got = {score.name: score for score in metric.scores}
    want = EXPECTED['scm_released' + '_all_contours' * all_contours]
    for k, gt_known in ((1, 'gt_known'), (5, 'gt_known_top5')):
        at = f'thr_{100 * iou_thr:.2f}_top-{k}'
        known, loc = got[gt_known], got[f'top{k}_loc']
        cls = got[f'top{k}_cls'].percent
        assert cls == exactly(want[f'cls_acc_top-{k}'])
        assert known.percent == exactly(want[f'maxbox_acc_{at}'])
        assert known.cam_thr == exactly(want[f'det_optThred_{at}'])
        assert loc.percent == exactly(want[f'loc_acc_{at}'])
        assert loc.cam_thr == exactly(want[f'loc_optThred_{at}'])
        if iou_thr == 0.5:
            assert known.percent == exactly(want[f'GT-Known_top-{k}'])


@pytest.mark.parametrize('step', [0.01, 0.001])
@pytest.mark.parametrize('all_contours', [False, True])
def test_wsolevaluation_is_reproduced(samples, step, all_contours):
    version = 'max_box_acc_v2' if all_contours else 'max_box_acc'
    want = EXPECTED['wsolevaluation'][f'{version}_{str(step)[2:]}']
    ious = tuple(int(iou) / 100 for iou in want['per_iou'])
    metric = MaxBoxAcc(cam_thrs=step, iou_thrs=ious, all_contours=all_contours)
    run(metric, samples)
    at = {score.at_iou: score for score in metric.scores}
    assert at[None].percent == exactly(want['mean'])
    for iou in want['per_iou']:
        score = at[int(iou) / 100 if len(ious) > 1 else None]
        assert score.percent == exactly(want['per_iou'][iou])
        assert score.cam_thr == exactly(want['best_thr'][iou])
        if iou == '50':
            curve = score.curve.percent
            np.testing.assert_allclose(curve, want['curve50'], atol=1e-9)
