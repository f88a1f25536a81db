import pytest
import torch
from hand_made import hand_made, rectangle, run

from mmscm.evaluation import PROTOCOLS, LocalizationAccuracy, MaxBoxAcc, PxAP
from mmscm.evaluation.sample import _thresholded_maps
from mmscm.functional.boxes import ThresholdedMap

BOX = [[2.0, 2.0, 6.0, 6.0]]


def sample(**changes):
    maps = {i: rectangle(2, 2, 6, 6) for i in range(3)}
    return {**hand_made(maps, 0, BOX), **changes}


PSEUDO = {'gt_bboxes': None, 'pseudo_bboxes': torch.tensor(BOX)}
NAN, OTHERS = torch.full((3, 10, 10), torch.nan), torch.tensor([3, 1, 2])


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'gt_bboxes': None}, r'`gt_bboxes`.*bird\.jpg.*got none'),
        ({'gt_bboxes': torch.zeros(0, 4)}, r'bird\.jpg.*shape \(0, 4\)'),
        (PSEUDO, r'bird\.jpg.*`dataset\.pseudo_boxes` names is no truth'),
        ({'localization_maps': NAN}, r'bird\.jpg.*NaN.*class 0'),
        ({'map_labels': OTHERS}, r'class 0.*bird\.jpg.*\[3, 1, 2\]'),
        ({'gt_label': torch.tensor([0, 1])}, r'one `gt_label`.*\[0, 1\]'),
    ],
)
def test_what_is_wrong_with_a_sample_is_said_by_image(changes, message):
    with pytest.raises(ValueError, match=message):
        MaxBoxAcc().process(None, [sample(**changes)])


def test_half_precision_maps_are_read():
    maps = sample()['localization_maps'].bfloat16()
    values = run(MaxBoxAcc(), [sample(localization_maps=maps)])
    assert values['wsol/max_box_acc'] == 100


def boxed(boxes, **changes):
    """An image of class 0 with boxes and no maps."""
    changes = dict(localization_maps=None, map_labels=None) | changes
    return sample(pred_bboxes=torch.tensor(boxes), **changes)


@pytest.mark.parametrize('protocol', sorted(PROTOCOLS))
def test_one_box_is_that_of_every_class_without_a_threshold(protocol):
    metric = LocalizationAccuracy(protocol, topk=(1,))
    right, wrong = boxed(BOX), boxed([[0.0, 0.0, 1.0, 1.0]])
    values = run(metric, [right, right, right, wrong])
    # Top-1 Cls, GT-Known, Top-1 Loc
    assert list(values.values()) == [100, 75, 75]
    assert metric.scores[-1].origin == 'none'


def test_boxes_are_found_by_their_labels():
    boxes = [[0.0, 0.0, 1.0, 1.0], *BOX]
    data = boxed(boxes, map_labels=torch.tensor([3, 0]))
    assert run(MaxBoxAcc(), [data]) == {'wsol/max_box_acc': 100}


def test_v2_of_a_box_is_the_mean_over_three_bounds():
    data = boxed([[2.0, 2.0, 6.0, 3.0]])  # inclusive IoU 10 / 25
    v2 = MaxBoxAcc(iou_thrs=(0.3, 0.5, 0.7), all_contours=True)
    found = run(v2, [data])
    assert found['wsol/max_box_acc_v2'] == pytest.approx(100 / 3)
    assert found['wsol/max_box_acc_v2_at30'] == 100


def test_boxes_count_where_there_are_maps_too():
    maps = rectangle(7, 7, 9, 9)[None]
    data = boxed(BOX, localization_maps=maps)
    assert run(LocalizationAccuracy(), [data])['wsol/gt_known'] == 100


def test_gt_known_needs_no_class_scores():
    data = boxed(BOX, pred_score=None)
    assert run(LocalizationAccuracy(topk=()), [data])['wsol/gt_known'] == 100
    with pytest.raises(ValueError, match='`pred_score`'):
        run(LocalizationAccuracy(), [data])


def test_px_ap_takes_one_map_for_all_classes():
    maps = rectangle(2, 2, 6, 6)[None]
    data = boxed(BOX, localization_maps=maps, gt_mask=maps[0].byte())
    assert run(PxAP(), [data])['wsol/px_ap'] == pytest.approx(100)


def test_predicted_boxes_of_some_images_only_are_refused():
    with pytest.raises(ValueError, match=r'of all images or of none.*bird'):
        MaxBoxAcc().process(None, [boxed(BOX), sample()])


def test_pixels_of_predicted_boxes_cannot_be_compared_with_a_mask():
    with pytest.raises(ValueError, match=r'`localization_maps`.*bird\.jpg'):
        PxAP().process(None, [boxed(BOX)])


def test_the_metrics_of_an_evaluator_threshold_a_map_once(monkeypatch):
    calls = []

    def thresholded(image, thrs):
        calls.append(len(thrs))
        return ThresholdedMap(image, thrs)

    monkeypatch.setattr('mmscm.evaluation.sample.ThresholdedMap', thresholded)
    before, data = len(_thresholded_maps), sample()
    for metric in (LocalizationAccuracy('scm'), MaxBoxAcc('tscam')):
        metric.process(None, [data])
    assert calls == [100] * 3  # three classes
    LocalizationAccuracy('tscam').process(None, [data])
    assert calls == [100] * 3 + [1]  # another threshold
    del data
    assert len(_thresholded_maps) == before  # gone with the maps
