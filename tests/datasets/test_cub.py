import re

import pytest
from miniatures import write

from mmscm.datasets import CUBLocalization
from mmscm.datasets.annotations import AnnotationError


def test_labels_start_from_zero_and_width_and_height_become_corners(cub_root):
    dataset = CUBLocalization(str(cub_root), split='train')
    assert dataset.CLASSES == ('Auk', 'Owl')
    (sample,) = dataset
    assert sample['gt_bboxes'].tolist() == [[60, 27, 385, 331]]
    assert sample['img_path'] == f'{cub_root}/images/001.Auk/Auk_1.jpg'
    samples = CUBLocalization(str(cub_root), split='test')
    assert [sample['gt_label'] for sample in samples] == [0, 1]


def test_there_is_no_val_split(cub_root):
    with pytest.raises(ValueError, match=r"Expected `split`.*'val'.*CUBV2"):
        CUBLocalization(str(cub_root), split='val')


@pytest.mark.parametrize(
    ('name', 'line', 'expected'),
    [
        ('images.txt', '1', '`number path`'),
        ('images.txt', '1 ../x.jpg', 'a path below the data root'),
        ('image_class_labels.txt', '1 3', 'a label in [1, 2]'),
        ('image_class_labels.txt', '1 0', 'a label in [1, 2]'),
        ('train_test_split.txt', '1 2', 'a label in [0, 1]'),
        ('bounding_boxes.txt', '1 1 2 3', '`number x y width height`'),
        ('bounding_boxes.txt', '1 1 2 -3 4', 'a box with x0 < x1'),
        ('bounding_boxes.txt', '1 1 2 w 4', 'numbers'),
    ],
)
def test_a_bad_line_is_named(cub_root, name, line, expected):
    write(cub_root / name, line)
    message = re.escape(f'{cub_root / name}, line 1: Expected {expected}')
    with pytest.raises(AnnotationError, match=message) as error:
        CUBLocalization(str(cub_root))
    assert repr(line) in str(error.value)


@pytest.mark.parametrize(
    ('lines', 'expected'),
    [
        (['1 1 1 1 1', '1 1 1 1 1'], r'boxes.txt, line 2: .*each id'),
        (['1 1 1 1 1', '2 1 1 1 1'], r"boxes.txt: .*lacks 1.*'3'"),
    ],
)
def test_an_image_has_one_box(cub_root, lines, expected):
    write(cub_root / 'bounding_boxes.txt', *lines)
    with pytest.raises(AnnotationError, match=expected):
        CUBLocalization(str(cub_root))


def test_a_missing_file_is_named(cub_root):
    for name in ('images.txt', 'classes.txt'):
        (cub_root / name).unlink()
        with pytest.raises(FileNotFoundError, match=name):
            CUBLocalization(str(cub_root))
