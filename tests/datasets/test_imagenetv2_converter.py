"""ImageNetV2 under the names of its boxes, whichever names it came with."""

from __future__ import annotations

from pathlib import Path

import pytest
from converter_runs import run_converter
from miniatures import paint, write
from mmengine.config import Config

from mmscm.datasets import WSOLMetadata

CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/imagenet_224.py'
NUMBERED = {'0/0.jpeg': (50, 37), '0/1.jpeg': (50, 34), '999/0.jpeg': (30, 50)}
HASHED = {
    '0/0.jpeg': '0/a31041fd31109279f69ba5827fe508eee00abd75.jpeg',
    '0/1.jpeg': '0/0af3f1b55de791c4144e2fb6d7dfe96dfc22d3fc.jpeg',
    '999/0.jpeg': '999/bcf8a5326180b5e9320642f5024096fbc8a5d454.jpeg',
}
SAME = {key: key for key in NUMBERED}


def write_lists(folder: Path, name_of: dict[str, str]) -> None:
    """Ids ``val2/<label>/<file>`` in the four lists."""
    sizes = {f'val2/{name_of[key]}': size for key, size in NUMBERED.items()}
    write(folder / 'image_ids.txt', *sizes)
    write(
        folder / 'class_labels.txt',
        *(f'{key},{key.split("/")[1]}' for key in sizes),
    )
    write(
        folder / 'image_sizes.txt',
        *(f'{key},{w},{h}' for key, (w, h) in sizes.items()),
    )
    write(
        folder / 'localization.txt',
        *(f'{key},1,2,{w - 1},{h - 1}' for key, (w, h) in sizes.items()),
    )


def write_mapping(path: Path) -> None:
    write(path, *(f'{old}, {new}' for old, new in HASHED.items()))


def paint_archive(folder: Path, name_of: dict[str, str]) -> None:
    for key, size in NUMBERED.items():
        paint(folder / name_of[key], *size)


@pytest.fixture
def lists(tmp_path, monkeypatch):
    """The lists of 2020, with numbers."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'data/wsol_metadata/ILSVRC/val'
    write_lists(folder, SAME)
    return folder


@pytest.fixture
def archive(lists, tmp_path):
    """The archive of today, with hashes in a folder of its own."""
    paint_archive(tmp_path / 'v2/imagenetv2-threshold0.7-format-val', HASHED)
    return 'v2'


def samples() -> list[dict]:
    """What the config reads."""
    dataset = Config.fromfile(CONFIG).val_dataloader.dataset
    dataset.pop('type')
    dataset.pipeline = [dict(type='LoadImageFromFile')]
    return list(WSOLMetadata(**dataset))


def check_samples() -> None:
    shapes = [sample['img'].shape[:2] for sample in samples()]
    assert shapes == [(h, w) for w, h in NUMBERED.values()]
    assert [sample['gt_label'] for sample in samples()] == [0, 0, 999]


@pytest.mark.parametrize('listed', [SAME, HASHED])
@pytest.mark.parametrize('archived', [SAME, HASHED])
def test_lists_and_archives_of_either_naming_go_together(
    lists, monkeypatch, listed, archived
):
    write_lists(lists, listed)
    paint_archive(Path('v2'), archived)
    mapping = []
    if listed is not archived:  # otherwise none is needed
        write_mapping(Path('mapping.txt'))
        mapping = ['--mapping', 'mapping.txt']
    run_converter(monkeypatch, 'imagenetv2', 'v2', *mapping)
    check_samples()


def test_images_can_stay_where_they_are(lists, monkeypatch, capsys):
    write_mapping(lists / 'mapping.txt')
    paint_archive(Path('data/ILSVRC2012/val2'), HASHED)
    for done in ('3 linked, 0 already', '0 linked, 3 already'):
        run_converter(monkeypatch, 'imagenetv2', 'data/ILSVRC2012/val2')
        assert done in capsys.readouterr().out
    check_samples()


def test_hashes_without_mapping_are_explained(archive, monkeypatch):
    with pytest.raises(SystemExit, match=r'3 of them.*mapping\.txt of wsol'):
        run_converter(monkeypatch, 'imagenetv2', archive)
    assert not Path('data/ILSVRC2012').exists()


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        ('0/2.jpeg 0/a.jpeg', 'old name,new name'),
        ('0/2.jpeg, 1/a.jpeg', 'folder of one label'),
        ('0/0.jpeg, 0/a.jpeg', 'each name once'),
        ('0/2.jpeg, ../a.jpeg', 'below the data root'),
    ],
)
def test_a_wrong_line_of_the_mapping_is_named(
    archive, lists, monkeypatch, line, expected
):
    write_mapping(lists / 'mapping.txt')
    with open(lists / 'mapping.txt', 'a') as file:
        file.write(line)
    with pytest.raises(SystemExit, match=rf'mapping\.txt, line 4.*{expected}'):
        run_converter(monkeypatch, 'imagenetv2', archive)
