"""OpenImages30k from flat folders, as OpenImages has them, or in folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from converter_runs import run_converter
from miniatures import paint, write
from mmengine.config import Config

from mmscm.datasets import WSOLMetadata

CONFIGS = Path(__file__).parents[2] / 'configs/_base_/datasets'
TRAIN = 'train/01226z/ed9d2feb6d44cff3.jpg'
VAL = 'val/0bt_c3/3a29f0b33894d4a6'
TEST = 'test/0ph39/61ea5d35a14e4f04'
MASKS = {
    VAL: [f'{VAL}_m0bt_c3_3581e3ae.png', f'{VAL}_m0bt_c3_d2422806.png'],
    TEST: [f'{TEST}_m0ph39_278a1f42.png'],
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Lists of one image a split; the files lie flat, by archive."""
    lists = tmp_path / 'data/wsol_metadata/OpenImages'
    write(lists / 'train/image_ids.txt', TRAIN)
    write(lists / 'train/class_labels.txt', f'{TRAIN},0')
    paint(tmp_path / 'images' / Path(TRAIN).name, 30, 20)
    for image, masks in MASKS.items():
        folder, key = lists / image.split('/')[0], f'{image}.jpg'
        write(folder / 'image_ids.txt', key)
        write(folder / 'class_labels.txt', f'{key},99')
        write(folder / 'image_sizes.txt')
        first, *others = masks
        write(
            folder / 'localization.txt',
            f'{key},{first},{image}_ignore.png',
            *(f'{key},{mask},' for mask in others),
        )
        paint(tmp_path / 'images' / Path(key).name, 30, 20)
        for mask in (*masks, f'{image}_ignore.png'):
            paint(tmp_path / 'masks' / Path(mask).name, 60, 40)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_result_is_what_the_config_reads(root, monkeypatch, capsys):
    run_converter(monkeypatch, 'openimages30k', 'images', 'masks')
    done = capsys.readouterr().out
    assert done == 'data/OpenImages: 8 linked, 0 already there\n'
    config = Config.fromfile(CONFIGS / 'openimages_224.py')
    sample = read(config.val_dataloader.dataset)
    assert sample['gt_mask'].shape == (20, 30)
    assert [Path(path).name for path in sample['mask_paths']] == [
        Path(mask).name for mask in MASKS[VAL]
    ]
    assert read(config.train_dataloader.dataset)['gt_label'] == 0


def read(dataset: Config) -> dict:
    """The first sample of a data set of the config."""
    dataset.pop('type')
    masked = dataset.localization == 'masks'
    dataset.pipeline = [
        dict(type='LoadImageFromFile'),
        *([dict(type='mmscm.LoadLocalizationMask')] if masked else []),
    ]
    return WSOLMetadata(**dataset)[0]


def test_one_split_is_made_without_the_others(root, monkeypatch, capsys):
    (root / 'images' / Path(TRAIN).name).unlink()
    shutil.rmtree(root / 'data/wsol_metadata/OpenImages/train')
    run_converter(monkeypatch, 'openimages30k', '.', '--splits', 'val', 'test')
    assert 'OpenImages: 7 linked' in capsys.readouterr().out
    assert not (root / 'data/OpenImages/train').exists()


def test_missing_masks_are_named_and_nothing_is_written(root, monkeypatch):
    (root / 'masks' / f'{Path(TEST).name}_ignore.png').unlink()
    with pytest.raises(SystemExit, match=rf'_ignore.*--splits.*\n.*{TEST}_ig'):
        run_converter(monkeypatch, 'openimages30k', 'images', 'masks')
    assert not (root / 'data/OpenImages').exists()
