import cv2
import numpy as np
import pytest

from mmscm.datasets import (
    LoadLocalizationMask,
    RandomCrop,
    RandomFlip,
    RandomResizedCrop,
    Resize,
)
from mmscm.datasets.load_image import ImageError


def painted(box=(8, 10, 24, 20), width=48, height=32) -> dict:
    """A white rectangle on black, with its box and mask."""
    x0, y0, x1, y1 = box
    img = np.zeros((height, width, 3), np.uint8)
    img[y0:y1, x0:x1] = 255
    return dict(
        img=img,
        img_shape=(height, width),
        gt_bboxes=np.array([box], np.float32),
        gt_mask=img[..., 0] // 255,
    )


def recovered(img: np.ndarray) -> list[int]:
    """Box of the pixels that are more white than black."""
    rows, columns = np.nonzero(img > 127)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def assert_box_follows_pixels(results: dict) -> None:
    box = recovered(results['img'][..., 0])
    assert results['gt_bboxes'].tolist() == [box]
    assert results['gt_bboxes'].dtype == np.float32
    assert recovered(results['gt_mask'] * 255) == box
    assert results['img_shape'] == results['img'].shape[:2]


@pytest.mark.parametrize(
    ('transform', 'shape'),
    [
        (Resize(scale=(96, 64)), (64, 96)),
        (Resize(scale=(24, 16)), (16, 24)),
        (Resize(scale=(96, 16)), (16, 96)),
        (RandomFlip(prob=1.0, direction='horizontal'), (32, 48)),
        (RandomFlip(prob=1.0, direction='vertical'), (32, 48)),
        (RandomFlip(prob=1.0, direction='diagonal'), (32, 48)),
        *((RandomCrop(crop_size=(20, 30)), (20, 30)) for _ in range(8)),
    ],
)
def test_box_and_mask_are_carried(transform, shape):
    results = transform(painted())
    assert results['img_shape'] == shape
    assert results.get('flip', True)
    assert_box_follows_pixels(results)
    alone = transform(dict(img=np.zeros((32, 48, 3), np.uint8)))
    assert not {'gt_bboxes', 'gt_mask'} & alone.keys()


@pytest.mark.parametrize('seed', range(4))
def test_the_training_pipeline_carries_box_and_mask(seed):
    np.random.seed(seed)
    results = painted(box=(16, 8, 32, 24), width=64, height=32)
    before = Resize(scale=(256, 256)), RandomCrop(crop_size=224)
    for transform in (*before, RandomFlip(prob=0.5)):
        results = transform(results)
    assert results['img_shape'] == (224, 224)
    assert_box_follows_pixels(results)


@pytest.mark.parametrize('seed', range(8))
def test_a_resized_crop_carries_box_and_mask(seed):
    np.random.seed(seed)
    crop = RandomResizedCrop(scale=(224, 160), crop_ratio_range=(0.3, 1.0))
    results = crop(painted(box=(8, 4, 40, 28)))
    assert results['img_shape'] == (224, 160)
    expected = recovered(results['img'][..., 0])
    (box,) = results['gt_bboxes']
    # the sides of a crop are no whole multiples of those of its image
    np.testing.assert_allclose(box, expected, atol=1)
    mask = recovered(results['gt_mask'] * 255)
    np.testing.assert_allclose(mask, expected, atol=8)


class CornerCrop(RandomResizedCrop):
    """Crops of 16 x 16, one after the other along the upper border."""

    columns = iter(range(0, 200, 16))

    def rand_crop_params(self, img):
        return 0, next(self.columns), 16, 16


def test_a_resized_crop_without_a_box_is_drawn_again():
    crop = CornerCrop(scale=32)
    results = crop(painted(box=(40, 8, 44, 30)))
    assert results['gt_bboxes'].tolist() == [[16, 16, 24, 32]]
    crop = CornerCrop(scale=32, max_attempts=1)  # its next one has none
    results = crop(painted(box=(8, 16, 24, 32)))
    left = np.float32(8 * 32 / 48)  # of the whole image
    assert results['gt_bboxes'].tolist() == [[left, 16, 16, 32]]


class CropAt(RandomCrop):
    """A crop of 10 x 10 from row 5, column 20."""

    def rand_crop_params(self, img):
        return 5, 20, 10, 10


BEYOND = [[-4, 0, 60, 40]]
FOUR = [[0, 0, 20, 30], [20, 5, 30, 15], [25, 0, 48, 8], [0, 0, 9, 9]]


@pytest.mark.parametrize(
    ('transform', 'size', 'boxes', 'expected'),
    [
        # 125 * (224 / 500) = 55.99..., which a protocol would truncate to 55
        (
            Resize((224, 224)),
            (500, 4),
            [[125, 0, 375, 4]],
            [[56, 0, 168, 224]],
        ),
        (Resize((48, 32)), (48, 32), BEYOND, [[0, 0, 48, 32]]),
        (Resize((48, 32), clip_object_border=False), (48, 32), BEYOND, BEYOND),
        (RandomCrop(100), (48, 32), [[8, 10, 24, 20]], [[8, 10, 24, 20]]),
        # which leaves nothing of the last
        (CropAt(10), (48, 32), FOUR, [[0, 0, 10, 10], [5, 0, 10, 3]]),
    ],
)
def test_boxes_are_exact_and_clipped(transform, size, boxes, expected):
    img = np.zeros((*size[::-1], 3), np.uint8)
    results = transform(dict(img=img, gt_bboxes=np.float32(boxes)))
    assert results['gt_bboxes'].tolist() == expected


def test_a_mask_keeps_its_values():
    results = painted()
    results['gt_mask'][0] = 255
    resized = Resize(scale=(31, 17))(results)['gt_mask']
    assert np.unique(resized).tolist() == [0, 1, 255]


def mask_file(path, rows: slice, size=(8, 8)):
    mask = np.zeros(size, np.uint8)
    mask[rows] = 255
    cv2.imwrite(str(path), mask)
    return str(path)


@pytest.fixture
def masked(tmp_path):
    return dict(
        mask_paths=[
            mask_file(tmp_path / 'm0.png', slice(0, 2)),
            # another resolution than the first: rows 4 to 8 of 16
            mask_file(tmp_path / 'm1.png', slice(4, 8), (16, 16)),
        ],
        ignore_path=mask_file(tmp_path / 'ig.png', slice(1, 6)),
        img_shape=(8, 8),
    )


def test_object_wins_over_ignore_wins_over_background(masked):
    mask = LoadLocalizationMask()(dict(masked))['gt_mask']
    assert mask.dtype == np.uint8
    assert mask[:, 0].tolist() == [1, 1, 1, 1, 255, 255, 0, 0]
    del masked['ignore_path']
    mask = LoadLocalizationMask()(dict(masked))['gt_mask']
    assert mask[:, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    masked['img_shape'] = (16, 12, 3)
    assert LoadLocalizationMask()(masked)['gt_mask'].shape == (16, 12)


def test_a_missing_mask_is_named(masked, tmp_path):
    masked['mask_paths'].append(str(tmp_path / 'gone.png'))
    with pytest.raises(ImageError, match=r'gone.png: .*No such file'):
        LoadLocalizationMask()(masked)
