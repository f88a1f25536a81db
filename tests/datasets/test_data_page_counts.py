"""The figures of docs/data are those of the published lists."""

from __future__ import annotations

import os
import runpy
import sys
from collections import Counter
from pathlib import Path

import pytest

from mmscm.datasets.annotations import (
    read_boxes,
    read_ids,
    read_labels,
    read_masks,
    read_sizes,
)

ROOT = Path(__file__).parents[2]
METADATA = os.environ.get('MMSCM_WSOL_METADATA', '')
pytestmark = pytest.mark.skipif(
    not METADATA,
    reason='MMSCM_WSOL_METADATA does not name the lists of wsolevaluation',
)


def test_counts_are_those_of_the_lists():
    counts = {}
    for split in ('CUB/train', 'CUB/val', 'CUB/test', 'ILSVRC/val'):
        ids = read_ids(f'{METADATA}/{split}/image_ids.txt')
        boxes = read_boxes(f'{METADATA}/{split}/localization.txt')
        counts[split] = len(ids), sum(map(len, boxes.values()))
    assert counts == {
        'CUB/train': (5994, 5994),
        'CUB/val': (1000, 1000),
        'CUB/test': (5794, 5794),
        'ILSVRC/val': (10000, 18532),
    }
    ids = read_ids(f'{METADATA}/CUB/val/image_ids.txt')
    sizes = Counter(Counter(key.split('/')[0] for key in ids).values())
    assert sizes == {5: 197, 3: 1, 6: 2}


@pytest.mark.slow
def test_counts_of_the_large_sets_are_those_of_the_lists():
    folder = f'{METADATA}/ILSVRC/test'
    boxes = read_boxes(f'{folder}/localization.txt')
    labels = read_labels(f'{folder}/class_labels.txt', 1000)
    assert sum(map(len, boxes.values())) == 80477
    assert set(Counter(labels.values()).values()) == {50}
    assert labels['val/ILSVRC2012_val_00000001.JPEG'] == 65
    for split, each, objects in (('val', 25, 3854), ('test', 50, 7632)):
        folder = f'{METADATA}/OpenImages/{split}'
        labels = read_labels(f'{folder}/class_labels.txt', 100)
        masks = read_masks(f'{folder}/localization.txt')
        assert set(Counter(labels.values()).values()) == {each}
        assert sum(len(paths) for paths, _ in masks.values()) == objects
        assert len({ignore for _, ignore in masks.values()}) == 100 * each


def test_cubv2_boxes_are_corners():
    """As x, y, width, height 817 of 1,000 reach beyond the image."""
    boxes = read_boxes(f'{METADATA}/CUB/val/localization.txt')
    sizes = read_sizes(f'{METADATA}/CUB/val/image_sizes.txt')
    beyond = Counter()
    for key, [(x0, y0, x1, y1)] in boxes.items():
        height, width = sizes[key]
        beyond['corners'] += x1 > width or y1 > height
        beyond['sizes'] += x0 + x1 > width or y0 + y1 > height
    assert beyond == {'corners': 0, 'sizes': 817}


def test_sizes_do_not_tell_images_of_imagenetv2_apart():
    sizes = read_sizes(f'{METADATA}/ILSVRC/val/image_sizes.txt')
    same = Counter((key.split('/')[1], size) for key, size in sizes.items())
    assert sum(1 for count in same.values() if count == 1) == 5660


@pytest.mark.slow
@pytest.mark.parametrize(
    ('page', 'config', 'splits'),
    [
        ('cubv2', 'cub_224', ['val']),
        ('imagenetv2', 'imagenet_224', ['val']),
        ('openimages30k', 'openimages_224', ['val', 'test']),
    ],
)
def test_the_check_prints_the_lines_of_the_page(
    page, config, splits, tmp_path, monkeypatch, capsys
):
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data/wsol_metadata').symlink_to(METADATA)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / f'docs/data/{page}.md').read_text()
    path = str(ROOT / f'configs/_base_/datasets/{config}.py')
    tool = str(ROOT / 'tools/check_dataset.py')
    for split in splits:
        monkeypatch.setattr(
            sys, 'argv', [tool, path, '--split', split, '--no-images']
        )
        runpy.run_path(tool, run_name='__main__')
        line, *_ = capsys.readouterr().out.splitlines()
        assert line in text.splitlines()
