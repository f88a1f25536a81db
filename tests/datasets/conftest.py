"""Miniature copies of the directories that data sets come in."""

from pathlib import Path

import pytest
from miniatures import paint, voc, write


@pytest.fixture
def metadata_root(tmp_path) -> Path:
    """Two images with one and two boxes, in the text format."""
    folder = tmp_path / 'metadata' / 'test'
    write(folder / 'image_ids.txt', 'a/1.jpg', 'b/2.jpg')
    write(folder / 'class_labels.txt', 'b/2.jpg,1', 'a/1.jpg,0')
    write(folder / 'image_sizes.txt', 'a/1.jpg,40,20', 'b/2.jpg,30,30')
    write(
        folder / 'localization.txt',
        'a/1.jpg,4,2,20,10',
        'b/2.jpg,0,0,30,30',
        'b/2.jpg,5,6,7,8',
    )
    write(tmp_path / 'classes.txt', 'n01440764 tench', 'n03000684 chain saw')
    paint(tmp_path / 'images/a/1.jpg', 40, 20)
    paint(tmp_path / 'images/b/2.jpg', 30, 30)
    return tmp_path


@pytest.fixture
def cub_root(tmp_path) -> Path:
    """Three images of two classes, in the directory format of CUB."""
    root = tmp_path / 'CUB_200_2011'
    names = ('001.Auk/Auk_1.jpg', '001.Auk/Auk_2.jpg', '002.Owl/Owl_1.jpg')
    for name in names:
        paint(root / 'images' / name, 20, 10)
    write(root / 'images.txt', *(f'{i} {n}' for i, n in enumerate(names, 1)))
    write(root / 'image_class_labels.txt', '1 1', '2 1', '3 2')
    write(root / 'train_test_split.txt', '1 1', '2 0', '3 0')
    write(root / 'classes.txt', '1 001.Auk', '2 002.Owl')
    write(
        root / 'bounding_boxes.txt',
        '1 60.0 27.0 325.0 304.0',
        '2 1.0 2.0 3.0 4.0',
        '3 0.5 0.0 9.0 9.0',
    )
    return root


@pytest.fixture
def ilsvrc_root(tmp_path) -> Path:
    """Two classes; val flat with a list, with boxes as XML."""
    root = tmp_path / 'ILSVRC2012'
    for name in ('n01/n01_1.JPEG', 'n01/n01_2.JPEG', 'n02/n02_1.JPEG'):
        paint(root / 'train' / name, 20, 10)
    for name in ('val_1.JPEG', 'val_2.JPEG'):
        paint(root / 'val' / name, 20, 10)
    write(root / 'meta/val.txt', 'val_1.JPEG 1', 'val_2.JPEG 0')
    xml = root / 'Annotations/CLS-LOC/val'
    voc(xml / 'val_1.xml', (1, 2, 3, 4), (5, 6, 7, 8))
    voc(xml / 'val_2.xml', (0, 0, 19, 9), size=(20, 10))
    return root
