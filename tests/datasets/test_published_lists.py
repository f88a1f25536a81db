"""The lists as published; skipped where the environment does not name them."""

import os
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmscm.datasets import LoadLocalizationMask, WSOLMetadata
from mmscm.datasets.annotations import read_masks


def folder(variable: str) -> Path:
    if variable not in os.environ:
        pytest.skip(f'set {variable} to the folder of the lists')
    return Path(os.environ[variable])


@pytest.mark.slow
@pytest.mark.parametrize(
    ('split', 'num_classes', 'images', 'objects'),
    [
        ('CUB/train', 200, 5994, 5994),
        ('CUB/val', 200, 1000, 1000),
        ('CUB/test', 200, 5794, 5794),
        ('ILSVRC/val', 1000, 10000, 18532),
        ('ILSVRC/test', 1000, 50000, 80477),
        ('OpenImages/val', 100, 2500, 3854),
        ('OpenImages/test', 100, 5000, 7632),
    ],
)
def test_published_lists_are_read_whole(split, num_classes, images, objects):
    masked = split.startswith('OpenImages')
    dataset = WSOLMetadata(
        str(folder('MMSCM_WSOL_METADATA')),
        split,
        num_classes=num_classes,
        localization='masks' if masked else 'boxes',
        serialize_data=False,
    )
    key = 'mask_paths' if masked else 'gt_bboxes'
    assert len(dataset) == images
    assert sum(len(sample[key]) for sample in dataset.data_list) == objects
    each = Counter(Counter(s['gt_label'] for s in dataset.data_list).values())
    if split == 'CUB/val':
        assert each == {5: 197, 3: 1, 6: 2}
    elif not split.startswith('CUB'):
        assert each == {images // num_classes: num_classes}


@pytest.mark.parametrize(
    ('split', 'images', 'boxes'),
    [('train', 12894, 0), ('val', 100, 153), ('test', 150, 243)],
)
def test_imagenette_lists_are_read_whole(split, images, boxes):
    dataset = WSOLMetadata(
        str(folder('MMSCM_IMAGENETTE')),
        f'metadata/{split}',
        classes='classes.txt',
        localization='none' if split == 'train' else 'boxes',
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
    root = folder('MMSCM_OPENIMAGES_MASKS')
    lists = folder('MMSCM_WSOL_METADATA') / 'OpenImages/val'
    compared = 0
    for masks, ignore in read_masks(lists / 'localization.txt').values():
        paths = [root / mask for mask in masks]
        if not all(map(Path.is_file, paths)):
            continue
        sample = dict(ignore_path=str(root / ignore), img_shape=(224, 224))
        sample['mask_paths'] = [str(path) for path in paths]
        instances = np.any([resized(path) for path in paths], axis=0)
        ignored = resized(root / ignore) & ~instances
        expected = (255 * ignored + instances).astype(np.uint8)
        assert (LoadLocalizationMask()(sample)['gt_mask'] == expected).all()
        compared += 1
    assert compared >= 5
