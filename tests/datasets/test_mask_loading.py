from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmscm.datasets import LoadLocalizationMask
from mmscm.datasets.problems import ImageError


def mask_file(path, rows: slice, size=(8, 8)):
    mask = np.zeros(size, np.uint8)
    mask[rows] = 255
    cv2.imwrite(str(path), mask)
    return str(path)


@pytest.fixture
def sample(tmp_path):
    return dict(
        mask_paths=[
            mask_file(tmp_path / 'm0.png', slice(0, 2)),
            # another resolution than the first: rows 4 to 8 of 16
            mask_file(tmp_path / 'm1.png', slice(4, 8), (16, 16)),
        ],
        ignore_path=mask_file(tmp_path / 'ig.png', slice(1, 6)),
        img_shape=(8, 8),
    )


def test_object_wins_over_ignore_wins_over_background(sample):
    mask = LoadLocalizationMask()(sample)['gt_mask']
    assert mask.dtype == np.uint8
    assert mask[:, 0].tolist() == [1, 1, 1, 1, 255, 255, 0, 0]


def test_the_size_is_that_of_the_image_unless_given(sample):
    assert LoadLocalizationMask(scale=(6, 4))(sample)['gt_mask'].shape == (
        4,
        6,
    )
    sample['img_shape'] = (16, 12, 3)
    assert LoadLocalizationMask()(sample)['gt_mask'].shape == (16, 12)


def test_a_missing_mask_is_named(sample, tmp_path):
    sample['mask_paths'].append(str(tmp_path / 'gone.png'))
    with pytest.raises(ImageError, match=r'gone.png: .*no such file'):
        LoadLocalizationMask()(sample)
