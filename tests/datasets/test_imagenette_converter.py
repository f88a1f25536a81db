from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from converter_runs import run_converter
from miniatures import paint, write

from mmscm.datasets import WSOLMetadata

TRAIN = 'images/n01440764/n01440764_1.JPEG'
VAL = 'images/n02102040/ILSVRC2012_val_1.JPEG'
TEST = 'images/n03888257/ILSVRC2012_val_2.JPEG'


@pytest.fixture
def source(tmp_path):
    """A public folder, whose halves are not those of the lists."""
    folder = tmp_path / 'imagenette2-320'
    paint(folder / 'val' / TRAIN.removeprefix('images/'), 50, 30)
    paint(folder / 'train' / VAL.removeprefix('images/'), 30, 60)
    paint(folder / 'val' / TEST.removeprefix('images/'), 40, 40)
    metadata = tmp_path / 'metadata'
    for split, key, label in (
        ('train', TRAIN, 0),
        ('val', VAL, 1),
        ('test', TEST, 9),
    ):
        write(metadata / split / 'image_ids.txt', key)
        write(metadata / split / 'class_labels.txt', f'{key},{label}')
    for split, key in (('val', VAL), ('test', TEST)):
        write(metadata / split / 'localization.txt', f'{key},1,2,30,40')
    return tmp_path


def run(root: Path, monkeypatch) -> None:
    """The script with its command line, in this process."""
    folders = (root / name for name in ('imagenette2-320', 'metadata', 'out'))
    run_converter(monkeypatch, 'imagenette_wsol', *folders)


def test_the_converted_folder_is_a_data_set(source, monkeypatch):
    run(source, monkeypatch)
    for split, image in (('train', TRAIN), ('val', VAL), ('test', TEST)):
        assert cv2.imread(str(source / 'out' / image)).shape == (224, 224, 3)
        dataset = WSOLMetadata(
            str(source / 'out'),
            f'metadata/{split}',
            classes='classes.txt',
            localization='none' if split == 'train' else 'boxes',
        )
        assert dataset[0]['img_path'] == str(source / 'out' / image)
    assert dataset[0]['gt_bboxes'].tolist() == [[1, 2, 30, 40]]
    assert dataset.CLASSES[9] == 'parachute'


def test_missing_images_are_listed_and_nothing_is_written(source, monkeypatch):
    (source / 'imagenette2-320/val' / TEST.removeprefix('images/')).unlink()
    with pytest.raises(SystemExit, match=f'1 are missing.*{TEST}'):
        run(source, monkeypatch)
    assert not (source / 'out').exists()


def test_a_label_that_is_not_of_its_synset_is_named(source, monkeypatch):
    path = source / 'metadata/val/class_labels.txt'
    write(path, f'{VAL},3')
    with pytest.raises(SystemExit, match=f"'{VAL}', label 3"):
        run(source, monkeypatch)
