from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmscm.datasets import ToyObjects
from mmscm.registry import DATASETS


@pytest.fixture(scope='module')
def scenes():
    return list(ToyObjects(length=200, split='test'))


def test_boxes_are_tight_around_masks(scenes):
    for scene in scenes:
        rows, columns = np.nonzero(scene['gt_mask'])
        ((x0, y0, x1, y1),) = scene['gt_bboxes'].tolist()
        assert (x0, y0) == (columns.min(), rows.min())
        assert (x1, y1) == (columns.max() + 1, rows.max() + 1)


def test_labels_are_balanced(scenes):
    labels = [scene['gt_label'] for scene in scenes]
    assert np.bincount(labels).tolist() == [20] * 10


def test_an_image_depends_on_seed_split_and_index_only():
    first = ToyObjects(length=3)[2]
    longer = ToyObjects(length=9, indices=[5, 2])[1]
    assert (first['img'] == longer['img']).all()
    for other in (dict(seed=1), dict(split='val'), dict(split='test')):
        assert (first['img'] != ToyObjects(length=3, **other)[2]['img']).any()


def test_a_known_scene_has_its_known_box_and_brightness(scenes):
    img = scenes[0]['img'].astype(np.int64)
    assert scenes[0]['gt_bboxes'].tolist() == [[40, 11, 80, 73]]
    assert abs(img.mean() - 74.8) < 0.5


def test_marks_lie_on_the_object_and_have_the_class_colour(scenes):
    for scene in scenes:
        hsv = cv2.cvtColor(scene['img'], cv2.COLOR_BGR2HSV)
        near = np.abs(hsv[..., 0].astype(int) - 18 * scene['gt_label']) <= 1
        pure = near & (hsv[..., 1:] > 250).all(axis=-1)
        assert pure.sum() >= 20
        assert (scene['gt_mask'][pure] == 1).mean() > 0.9


def test_the_marks_are_a_small_part(scenes):
    marks = [
        (cv2.cvtColor(s['img'], cv2.COLOR_BGR2HSV)[..., 1:] > 250)
        .all(-1)
        .sum()
        / s['gt_mask'].sum()
        for s in scenes
    ]
    assert np.median(marks) < 0.35


def test_the_best_centred_box_hits_few_objects(scenes):
    boxes = np.concatenate([scene['gt_bboxes'] for scene in scenes])
    rates = [hit_rate(boxes, centred(side)) for side in range(20, 112, 4)]
    assert max(rates) < 0.25


def test_difficulty_is_set_by_arguments():
    style = dict(num_marks=1, num_clutter=0, object_size=(0.4, 0.4))
    ((x0, y0, x1, y1),) = ToyObjects(length=1, style=style)[0]['gt_bboxes']
    assert max(x1 - x0, y1 - y0) == pytest.approx(0.4 * 112, abs=4)


def test_the_fur_says_nothing_about_the_class_unless_told_to():
    plain, hinted = (fur_colors(fur_hint) for fur_hint in (0.0, 0.5))
    assert abs(plain[0] - plain[1]).max() < 15
    assert abs(hinted[0] - hinted[1]).max() > 60


def fur_colors(fur_hint: float) -> np.ndarray:
    """Mean colour of the bodies of class 0 and 1 of 2, BGR."""
    style = dict(fur_hint=fur_hint)
    scenes = list(ToyObjects(length=80, num_classes=2, style=style))
    means = [cv2.mean(s['img'], body(s))[:3] for s in scenes]
    return np.stack([np.mean(means[i::2], axis=0) for i in (0, 1)])


def body(scene: dict) -> np.ndarray:
    """The object without its marks."""
    hsv = cv2.cvtColor(scene['img'], cv2.COLOR_BGR2HSV)
    mark = (hsv[..., 1:] > 250).all(axis=-1).astype(np.uint8)
    return scene['gt_mask'] * (1 - cv2.dilate(mark, np.ones((5, 5))))


def test_other_sizes_and_class_numbers_render():
    scene = ToyObjects(length=30, num_classes=25, img_size=64)[24]
    assert scene['img'].shape == (64, 64, 3)
    assert scene['img'].dtype == np.uint8
    assert scene['gt_label'] == 24
    assert scene['img_shape'] == scene['ori_shape'] == (64, 64)


def test_the_host_builds_it_by_name():
    packing = dict(type='PackInputs', algorithm_keys=('gt_bboxes', 'gt_mask'))
    config = dict(type='mmscm.ToyObjects', length=2, pipeline=[packing])
    sample = DATASETS.build(config)[1]
    assert sample['inputs'].shape == (3, 112, 112)
    assert sample['data_samples'].gt_label.item() == 1
    assert sample['data_samples'].gt_mask.max() == 1
    assert sample['data_samples'].img_shape == (112, 112)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split='dev'), r"Expected `split` in .*'dev'"),
        (dict(length=0), r'Expected `length` a positive int, got 0'),
        (dict(img_size=1.5), r'Expected `img_size` a positive int, got 1.5'),
        (dict(style=dict(object_size=(0.5, 1.2))), r'`object_size`.*1.2'),
        (dict(style=dict(num_marks=3)), r'`num_marks` 1 or 2, but got 3'),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ToyObjects(**arguments)


def centred(side: int) -> np.ndarray:
    return np.array([(112 - side) / 2] * 2 + [(112 + side) / 2] * 2)


def hit_rate(boxes: np.ndarray, box: np.ndarray) -> float:
    """Percentage of boxes (M, 4) at IoU >= 0.5 with one box (4,)."""
    lower = np.maximum(boxes[:, :2], box[:2])
    upper = np.minimum(boxes[:, 2:], box[2:])
    shared = np.prod((upper - lower).clip(0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    union = areas + np.prod(box[2:] - box[:2]) - shared
    return float((shared / union >= 0.5).mean())
