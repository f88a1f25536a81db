import zlib

import cv2
import numpy as np
import pytest

from mmscm.datasets import ToyObjects


@pytest.fixture(scope='module')
def scenes():
    return list(ToyObjects(length=100, split='test'))


def checksum(scene: dict) -> int:
    """Of pixels, mask and box."""
    found = 0
    for key in ('img', 'gt_mask', 'gt_bboxes'):
        found = zlib.crc32(scene[key].tobytes(), found)
    return found


MANY = dict(num_classes=25, img_size=64)


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (dict(split='test'), [0x8BE3B013, 0xEEF6E9B6, 0x420EAD5]),
        (dict(split='val'), [0x50100672, 0x54B16B1C, 0x6A81414]),
        (dict(split='train'), [0x114B725D, 0xAC707EDF, 0x87BBB83E]),
        (dict(seed=3), [0xA337199C, 0x13DB0CDB, 0xD6152530]),
        (MANY, [0xE9D8E268, 0xFB0AB30E, 0x5EA1C6C7]),
    ],
)
def test_images_are_those_that_results_were_measured_on(arguments, expected):
    scenes = ToyObjects(length=3, **arguments)
    assert [checksum(scene) for scene in scenes] == expected


def test_boxes_are_tight_around_masks_and_labels_balanced(scenes):
    for scene in scenes:
        rows, columns = np.nonzero(scene['gt_mask'])
        ((x0, y0, x1, y1),) = scene['gt_bboxes'].tolist()
        assert (x0, y0) == (columns.min(), rows.min())
        assert (x1, y1) == (columns.max() + 1, rows.max() + 1)
    labels = [scene['gt_label'] for scene in scenes]
    assert np.bincount(labels).tolist() == [10] * 10


def test_an_image_depends_on_seed_split_and_index_only():
    first = ToyObjects(length=3)[2]
    longer = ToyObjects(length=9, indices=[5, 2])[1]
    assert checksum(first) == checksum(longer)


def test_marks_are_small_lie_on_the_object_and_have_the_class_colour(scenes):
    shares = []
    for scene in scenes:
        hsv = cv2.cvtColor(scene['img'], cv2.COLOR_BGR2HSV)
        near = np.abs(hsv[..., 0].astype(int) - 18 * scene['gt_label']) <= 1
        pure = near & (hsv[..., 1:] > 250).all(axis=-1)
        assert pure.sum() >= 20
        assert (scene['gt_mask'][pure] == 1).mean() > 0.9
        shares.append(pure.sum() / scene['gt_mask'].sum())
    assert np.median(shares) < 0.35


def test_the_fur_says_nothing_about_the_class():
    means = []
    for scene in ToyObjects(length=80, num_classes=2):
        hsv = cv2.cvtColor(scene['img'], cv2.COLOR_BGR2HSV)
        mark = (hsv[..., 1:] > 250).all(axis=-1).astype(np.uint8)
        body = scene['gt_mask'] * (1 - cv2.dilate(mark, np.ones((5, 5))))
        means.append(cv2.mean(scene['img'], body)[:3])
    first, second = (np.mean(means[i::2], axis=0) for i in (0, 1))
    assert abs(first - second).max() < 15


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split='dev'), r"Expected `split` in .*'dev'"),
        (dict(length=0), r'Expected `length` a positive int, got 0'),
        (dict(img_size=1.5), r'Expected `img_size` a positive int, got 1.5'),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ToyObjects(**arguments)
