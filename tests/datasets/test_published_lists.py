"""The lists as published; skipped where the environment does not name them."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmscm.datasets import LoadLocalizationMask, WSOLMetadata
from mmscm.datasets.annotations import read_masks


def folder(variable: str) -> str:
    if variable not in os.environ:
        pytest.skip(f'set {variable} to the folder of the lists')
    return os.environ[variable]


@pytest.mark.slow
@pytest.mark.parametrize(
    ('split', 'num_classes', 'localization', 'images', 'boxes'),
    [
        ('CUB/train', 200, 'boxes', 5994, 5994),
        ('CUB/val', 200, 'boxes', 1000, 1000),
        ('CUB/test', 200, 'boxes', 5794, 5794),
        ('ILSVRC/val', 1000, 'boxes', 10000, 18532),
        ('ILSVRC/test', 1000, 'boxes', 50000, 80477),
        ('OpenImages/val', 100, 'masks', 2500, 3854),
        ('OpenImages/test', 100, 'masks', 5000, 7632),
    ],
)
def test_published_lists_are_read_whole(
    split, num_classes, localization, images, boxes
):
    dataset = WSOLMetadata(
        folder('MMSCM_WSOL_METADATA'),
        split,
        num_classes=num_classes,
        localization=localization,
        serialize_data=False,
    )
    key = 'gt_bboxes' if localization == 'boxes' else 'mask_paths'
    assert len(dataset) == images
    assert sum(len(sample[key]) for sample in dataset.data_list) == boxes


@pytest.mark.parametrize(
    ('split', 'localization', 'images', 'boxes'),
    [
        ('train', 'none', 12894, 0),
        ('val', 'boxes', 100, 153),
        ('test', 'boxes', 150, 243),
    ],
)
def test_imagenette_lists_are_read_whole(split, localization, images, boxes):
    dataset = WSOLMetadata(
        folder('MMSCM_IMAGENETTE'),
        f'metadata/{split}',
        classes='classes.txt',
        localization=localization,
        pipeline=[dict(type='LoadImageFromFile')],
    )
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert len(infos) == images
    assert sum(len(info.get('gt_bboxes', ())) for info in infos) == boxes
    assert dataset.CLASSES[1] == 'English springer'
    assert dataset[0]['img'].shape == (224, 224, 3)


def resized(path: Path) -> np.ndarray:
    """Transcription of wsolevaluation's loader."""
    mask = np.float32(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    return cv2.resize(mask, (224, 224), interpolation=cv2.INTER_NEAREST) > 0.5


@pytest.mark.slow
def test_published_masks_are_combined_as_in_wsolevaluation():
    root = Path(folder('MMSCM_OPENIMAGES_MASKS'))
    lists = Path(folder('MMSCM_WSOL_METADATA')) / 'OpenImages/val'
    compared = 0
    for masks, ignore in read_masks(lists / 'localization.txt').values():
        paths = [root / mask for mask in masks]
        if not all(map(Path.is_file, paths)):
            continue
        sample = dict(
            mask_paths=[str(path) for path in paths],
            ignore_path=str(root / ignore),
            img_shape=(224, 224),
        )
        instances = np.any([resized(path) for path in paths], axis=0)
        ignored = resized(root / ignore) & ~instances
        expected = (255 * ignored + instances).astype(np.uint8)
        assert (LoadLocalizationMask()(sample)['gt_mask'] == expected).all()
        compared += 1
    assert compared >= 5
