import pytest
import torch
from hand_made import hand_made, rectangle, run

from mmscm.evaluation import LocalizationAccuracy

GOOD, BAD = rectangle(2, 2, 6, 6), rectangle(0, 8, 2, 10)
BOX = [[2.0, 2.0, 6.0, 6.0]]


def test_right_class_and_right_box_count_everywhere():
    sample = hand_made({0: GOOD, 1: BAD, 2: BAD}, 0, BOX)
    metrics = run(LocalizationAccuracy(cam_thr=0.2), [sample])
    boxed = 'wsol/gt_known', 'wsol/top1_loc', 'wsol/top5_loc'
    every = dict.fromkeys(('wsol/top1_cls', 'wsol/top5_cls', *boxed), 100)
    assert metrics == every | {f'{name}_thr': 0.2 for name in boxed}


def test_boxes_of_the_whole_image_are_counted_at_each_threshold():
    everywhere = 0.5 + 0.5 * rectangle(0, 0, 8, 8)
    everywhere[-1, -1] = 0  # what becomes black
    metric = LocalizationAccuracy('tscam', cam_thrs=[0.1, 0.8])
    run(metric, [hand_made({0: m}, 0, BOX) for m in (everywhere, GOOD)])
    (known,) = (score for score in metric.scores if score.name == 'gt_known')
    assert known.whole_image.tolist() == [50, 0]


def test_gt_known_ignores_a_wrong_class():
    sample = hand_made({0: BAD, 1: GOOD, 2: BAD}, 1, BOX)
    metrics = run(LocalizationAccuracy(cam_thr=0.2, topk=(1, 2)), [sample])
    assert metrics['wsol/gt_known'] == 100
    assert (metrics['wsol/top1_cls'], metrics['wsol/top1_loc']) == (0, 0)
    assert (metrics['wsol/top2_cls'], metrics['wsol/top2_loc']) == (100, 100)


def test_gt_known_of_scm_scores_the_map_of_the_predicted_class():
    good_prediction = hand_made({0: GOOD, 1: BAD, 2: BAD}, 1, BOX)
    good_truth = hand_made({0: BAD, 1: GOOD, 2: BAD}, 1, BOX)
    for sample, known, top2 in (
        *((good_prediction, 100, 0), (good_truth, 0, 100)),
    ):
        metrics = run(LocalizationAccuracy('scm', topk=(1, 2)), [sample])
        assert metrics['wsol/gt_known_scm'] == known
        assert metrics['wsol/top2_loc_scm'] == top2
        assert metrics['wsol/gt_known_top2_scm'] == 100


def test_top_k_loc_of_tscam_needs_more_than_the_bound():
    # 4 x 5 found (x1, y1 outside: 5 x 6 inclusive = 30) in a true box of
    # 60 inclusive pixels: IoU is exactly 0.5.
    sample = hand_made({0: rectangle(0, 0, 4, 5)}, 0, [[0, 0, 9, 5]])
    half = run(LocalizationAccuracy('tscam', topk=(1,)), [sample])
    assert half['wsol/gt_known_tscam'] == 100
    assert half['wsol/top1_loc_tscam'] == 0
    half = run(LocalizationAccuracy(topk=(1,)), [sample])
    assert half['wsol/top1_loc'] == 100


@pytest.mark.parametrize(
    ('protocol', 'top1_loc', 'thr'),
    [('wsoleval', 100 / 3, 0.7), ('gtmap', 0, 0.2)],
)
def test_top_k_has_its_own_best_threshold_or_that_of_gt_known(
    protocol, top1_loc, thr
):
    steps = 0.5 * rectangle(0, 0, 8, 8) + 0.5 * rectangle(0, 0, 4, 4)
    narrow = hand_made({0: steps, 1: steps}, 0, [[0, 0, 4, 4]])
    wide = hand_made({0: steps, 1: steps}, 1, [[0, 0, 8, 8]])
    metric = LocalizationAccuracy(protocol, cam_thrs=(0.2, 0.7), topk=(1,))
    run(metric, [narrow, wide, wide])
    _, known, loc = metric.scores
    assert (known.percent, known.cam_thr) == (pytest.approx(200 / 3), 0.2)
    assert (loc.percent, loc.cam_thr) == (pytest.approx(top1_loc), thr)


def test_the_log_says_where_the_threshold_is_from(monkeypatch):
    lines = []
    monkeypatch.setattr(
        'mmscm.evaluation.box_metric.print_log',
        lambda text, logger: lines.append(text),
    )
    sample = hand_made({0: GOOD}, 0, BOX)
    run(LocalizationAccuracy(cam_thr=0.2, topk=(1,)), [sample])
    run(LocalizationAccuracy(topk=(1,)), [sample])
    assert 'gt_known 100.00 at cam_thr 0.2 (fixed)' in lines[1]
    assert '(best of 100 on the evaluated set)' in lines[-1]


def test_a_constant_map_is_a_miss_not_a_crash():
    sample = hand_made({0: torch.ones(10, 10)}, 0, BOX)
    metrics = run(LocalizationAccuracy(topk=(1,)), [sample])
    assert metrics['wsol/gt_known'] == 0


def test_maps_are_enlarged_to_the_network_input():
    # 5 x 5 patches of 2 x 2 pixels, one of them bright: above 0.75 of the
    # maximum only its own four pixels are left (bilinear, 0.75^2 < 0.75).
    sample = hand_made({0: rectangle(0, 0, 1, 1)}, 0, [[2, 4, 4, 6]])
    patch_map = torch.zeros(5, 5)
    patch_map[2, 1] = 1
    sample['localization_maps'] = patch_map[None]
    metric = LocalizationAccuracy(cam_thr=0.75, iou_thr=1.0, topk=(1,))
    assert run(metric, [sample])['wsol/gt_known_iou100'] == 100


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        ({'cam_thr': 0.1, 'cam_thrs': (0.1,)}, 'either `cam_thr`'),
        ({'cam_thr': 20}, r'in \[0, 1\), but got'),
        ({'protocol': 'pixels', 'all_contours': True}, 'which counts pixels'),
        ({'iou_thr': 50}, 'fractions, not percents'),
        ({'protocol': 'wsol'}, "'scm', 'tscam', 'wsoleval'"),
        ({'topk': (0,)}, '`topk` >= 1'),
    ],
)
def test_wrong_arguments_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        LocalizationAccuracy(**kwargs)
