"""CUBV2, unpacked into whatever folders, becomes data/CUBV2."""

from __future__ import annotations

from pathlib import Path

import pytest
from converter_runs import run_converter
from miniatures import paint, write
from mmengine.config import Config

from mmscm.datasets import WSOLMetadata

ALBATROSS = '001.Black_footed_Albatross/30107316117.jpg'
AUKLET = '005.Crested_Auklet/5944746087.jpg'
CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/cub_224.py'


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Lists of two images, and the images beside CUB-200-2011."""
    lists = tmp_path / 'data/wsol_metadata/CUB/val'
    write(lists / 'image_ids.txt', ALBATROSS, AUKLET)
    write(lists / 'class_labels.txt', f'{ALBATROSS},0', f'{AUKLET},4')
    write(lists / 'image_sizes.txt', f'{ALBATROSS},56,41', f'{AUKLET},30,40')
    write(
        lists / 'localization.txt',
        f'{ALBATROSS},17,13,45,29',
        f'{AUKLET},1,2,3,4',
    )
    paint(tmp_path / 'CUB' / ALBATROSS, 56, 41)
    paint(tmp_path / 'CUB' / AUKLET, 30, 40)
    paint(tmp_path / 'CUB/005.Crested_Auklet/Auklet_0046_18.jpg', 20, 20)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_result_is_what_the_config_reads(root, monkeypatch, capsys):
    run_converter(monkeypatch, 'cubv2', 'CUB')
    assert capsys.readouterr().out == (
        'data/CUBV2: 2 linked, 0 already there\n'
    )
    dataset = Config.fromfile(CONFIG).val_dataloader.dataset
    dataset.pop('type')
    dataset.pipeline = [dict(type='LoadImageFromFile')]
    sample = WSOLMetadata(**dataset)[1]
    assert sample['img'].shape == (40, 30, 3)
    assert sample['gt_label'] == 4
    assert len(list((root / 'data/CUBV2').rglob('*.jpg'))) == 2


def test_images_are_known_by_number_in_flat_folders(root, monkeypatch):
    paint(root / 'flickr/30107316117_0af3_o.jpg', 56, 41)
    paint(root / 'flickr/5944746087.JPG', 30, 40)
    run_converter(monkeypatch, 'cubv2', 'flickr', '--copy')
    assert (root / 'data/CUBV2' / AUKLET).is_file()
    assert (root / 'data/CUBV2' / ALBATROSS).is_file()


def test_missing_images_are_named(root, monkeypatch):
    (root / 'CUB' / AUKLET).unlink()
    with pytest.raises(SystemExit, match=f'1 of them.*Flickr.*\n.*{AUKLET}'):
        run_converter(monkeypatch, 'cubv2', 'CUB')
    assert not (root / 'data/CUBV2').exists()
