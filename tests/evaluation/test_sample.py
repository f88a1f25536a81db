import pytest
import torch
from hand_made import hand_made, rectangle

from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc, PxAP
from mmscm.evaluation.sample import _thresholded_maps
from mmscm.functional.boxes import ThresholdedMap

BOX = [[2.0, 2.0, 6.0, 6.0]]


def sample(**changes):
    maps = {i: rectangle(2, 2, 6, 6) for i in range(3)}
    return {**hand_made(maps, 0, BOX), **changes}


@pytest.mark.parametrize('metric', [LocalizationAccuracy, MaxBoxAcc])
def test_a_sample_without_boxes_names_the_image(metric):
    with pytest.raises(ValueError, match=r'`gt_bboxes`.*bird\.jpg.*got none'):
        metric().process(None, [sample(gt_bboxes=None)])
    with pytest.raises(ValueError, match=r'bird\.jpg.*shape \(0, 4\)'):
        metric().process(None, [sample(gt_bboxes=torch.zeros(0, 4))])


def test_nan_in_a_map_names_the_image_and_the_class():
    maps = torch.full((3, 10, 10), torch.nan)
    with pytest.raises(ValueError, match=r'bird\.jpg.*NaN.*class 0'):
        MaxBoxAcc().process(None, [sample(localization_maps=maps)])


def test_a_class_without_map_is_named():
    labels = torch.tensor([3, 1, 2])
    with pytest.raises(ValueError, match=r'class 0.*bird\.jpg.*\[3, 1, 2\]'):
        MaxBoxAcc().process(None, [sample(map_labels=labels)])


def test_several_labels_are_refused():
    with pytest.raises(ValueError, match=r'one `gt_label`.*\[0, 1\]'):
        MaxBoxAcc().process(None, [sample(gt_label=torch.tensor([0, 1]))])


def test_half_precision_maps_are_read():
    maps = sample()['localization_maps'].bfloat16()
    metric = MaxBoxAcc()
    metric.process(None, [sample(localization_maps=maps)])
    assert metric.evaluate(1)['wsol/max_box_acc'] == 100


def boxes_only(boxes, **changes):
    data = sample(pred_bboxes=torch.tensor(boxes), **changes)
    del data['localization_maps']
    return data


@pytest.mark.parametrize(
    'data',
    [
        boxes_only([[0, 0, 1, 1], [2, 2, 5, 5.0]], map_labels=[3, 0]),
        boxes_only([[2, 2, 5, 5.0]], map_labels=None),  # for all classes
    ],
)
def test_predicted_boxes_need_neither_map_nor_threshold(data):
    for metric in (LocalizationAccuracy('tscam', topk=(1,)), MaxBoxAcc()):
        metric.process(None, [data])
        values = metric.evaluate(1)
        assert set(values.values()) == {100}
        assert not any(key.endswith('_thr') for key in values)
        assert metric.scores[-1].origin == 'none'


def test_predicted_boxes_of_some_images_only_are_refused():
    metric = MaxBoxAcc()
    metric.process(None, [boxes_only([[2, 2, 5, 5.0]], map_labels=None)])
    with pytest.raises(ValueError, match=r'of all images or of none.*bird'):
        metric.process(None, [sample()])


def test_pixels_of_predicted_boxes_cannot_be_compared_with_a_mask():
    data = boxes_only([[2, 2, 5, 5.0]], map_labels=None)
    with pytest.raises(ValueError, match=r'`localization_maps`.*bird\.jpg'):
        PxAP().process(None, [data])


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
