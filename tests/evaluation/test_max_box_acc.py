import pytest
from hand_made import hand_made, rectangle, run
from mmengine.evaluator import Evaluator

from mmscm.evaluation import MaxBoxAcc

V2 = {'iou_thrs': (0.3, 0.5, 0.7), 'all_contours': True}
BOX = [[2.0, 2.0, 6.0, 6.0]]


def test_v1_takes_the_largest_contour_and_v2_any():
    larger = rectangle(0, 6, 10, 10)
    sample = hand_made({0: larger + rectangle(1, 1, 4, 4)}, 0, [[1, 1, 4, 4]])
    assert run(MaxBoxAcc(), [sample])['wsol/max_box_acc'] == 0
    assert run(MaxBoxAcc(**V2), [sample])['wsol/max_box_acc_v2'] == 100


def test_v2_averages_the_best_of_each_bound():
    # found 0 0 4 4 (25 inclusive) and true 0 0 4 9 (50): IoU 0.5
    sample = hand_made({0: rectangle(0, 0, 4, 4)}, 0, [[0, 0, 4, 9]])
    metrics = run(MaxBoxAcc(cam_thrs=(0.1, 0.2), **V2), [sample])
    expected = {'wsol/max_box_acc_v2': pytest.approx(200 / 3)}
    for iou, percent in ((30, 100), (50, 100), (70, 0)):
        name = f'wsol/max_box_acc_v2_at{iou}'
        expected |= {name: percent, f'{name}_thr': 0.1}
    assert metrics == expected


def test_any_of_several_true_boxes_counts():
    boxes = [[8.0, 8.0, 9.0, 9.0], *BOX]
    sample = hand_made({0: rectangle(2, 2, 6, 6)}, 0, boxes)
    assert run(MaxBoxAcc(), [sample])['wsol/max_box_acc'] == 100


def test_the_class_of_the_map_is_that_of_the_protocol():
    maps = {0: rectangle(2, 2, 6, 6), 1: rectangle(0, 8, 2, 10)}
    sample = hand_made(maps, 1, BOX)  # predicted 0
    assert run(MaxBoxAcc(), [sample])['wsol/max_box_acc'] == 0
    assert run(MaxBoxAcc('scm'), [sample])['wsol/max_box_acc_scm'] == 100


def test_instances_that_differ_share_an_evaluator_without_collision():
    boxes = [{}, V2, {'iou_thrs': (0.3,)}, {'iou_thrs': (0.3, 0.5, 0.7)}]
    boxes += [{'iou_thrs': (0.5,), 'all_contours': True}]
    boxes += [{'protocol': 'tscam'}, {'protocol': 'scm', **V2}]
    accuracy = [{'protocol': name} for name in ('tscam', 'scm', 'gtmap')]
    accuracy += [{}, {'iou_thr': 0.3}, {'all_contours': True}]
    accuracy += [{'prefix': 'wsol_fixed', 'cam_thr': 0.2}]
    metrics = [{'type': 'mmscm.MaxBoxAcc', **given} for given in boxes]
    kind = 'mmscm.LocalizationAccuracy'
    metrics += [{'type': kind, **given} for given in accuracy]
    sample = hand_made({i: rectangle(2, 2, 6, 6) for i in range(3)}, 0, BOX)
    evaluator = Evaluator(metrics)
    evaluator.process([sample])
    values = evaluator.evaluate(1)
    assert values['wsol/max_box_acc'] == 100
    assert values['wsol/max_box_acc_v2_scm'] == 100
    assert values['wsol/max_box_acc_iou30-50-70'] == 100
    assert values['wsol/max_box_acc_v2_iou50'] == 100
    assert values['wsol_fixed/gt_known'] == 100


def test_only_bits_are_kept_of_an_image():
    metric = MaxBoxAcc(cam_thrs=0.001, **V2)
    metric.process(None, [hand_made({0: rectangle(2, 2, 6, 6)}, 0, BOX)] * 2)
    assert [len(row) for row in metric.results] == [375, 375]  # 3000 bits


def test_a_metric_without_images_says_so():
    with pytest.raises(ValueError, match='at least one scored image'):
        MaxBoxAcc().compute_metrics([])
