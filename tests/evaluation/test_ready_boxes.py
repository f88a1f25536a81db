"""Boxes without maps, under each protocol."""

import pytest
import torch
from hand_made import hand_made, rectangle, run

from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc, PxAP
from mmscm.evaluation.protocols import PROTOCOLS

TRUE = [2.0, 2.0, 6.0, 6.0]


def boxed(boxes):
    """An image of class 0 with boxes and no maps."""
    sample = hand_made({0: rectangle(0, 0, 1, 1)}, 0, [TRUE])
    del sample['localization_maps'], sample['map_labels']
    return sample | dict(pred_bboxes=torch.tensor(boxes))


@pytest.mark.parametrize('protocol', sorted(PROTOCOLS))
def test_one_box_is_that_of_every_class(protocol):
    metric = LocalizationAccuracy(protocol, topk=(1,))
    right, wrong = boxed([TRUE]), boxed([[0.0, 0.0, 1.0, 1.0]])
    values = list(run(metric, [right, right, right, wrong]).values())
    assert values.count(75.0) == 2  # GT-Known and Top-1 Loc
    assert values.count(100.0) == 1  # Top-1 Cls


def test_max_box_acc_is_gt_known_and_v2_the_mean_over_three_bounds():
    sample = boxed([[2.0, 2.0, 6.0, 3.0]])  # inclusive IoU 10 / 25
    assert run(MaxBoxAcc(), [sample])['wsol/max_box_acc'] == 0
    v2 = MaxBoxAcc(iou_thrs=(0.3, 0.5, 0.7), all_contours=True)
    found = run(v2, [sample])
    assert found['wsol/max_box_acc_v2'] == pytest.approx(100 / 3)
    assert found['wsol/max_box_acc_v2_at30'] == 100


def test_boxes_count_where_there_are_maps_too():
    sample = hand_made({0: rectangle(7, 7, 9, 9)}, 0, [TRUE])
    sample['pred_bboxes'] = torch.tensor([TRUE])
    assert run(LocalizationAccuracy(), [sample])['wsol/gt_known'] == 100


def test_gt_known_needs_no_class_scores():
    sample = boxed([TRUE])
    del sample['pred_score']
    assert run(LocalizationAccuracy(topk=()), [sample])['wsol/gt_known'] == 100
    with pytest.raises(ValueError, match='`pred_score`'):
        run(LocalizationAccuracy(), [sample])


def test_px_ap_takes_one_map_for_all_classes():
    sample = boxed([TRUE])
    sample['gt_mask'] = rectangle(2, 2, 6, 6).byte()
    sample['localization_maps'] = rectangle(2, 2, 6, 6)[None]
    assert run(PxAP(), [sample])['wsol/px_ap'] == pytest.approx(100)
