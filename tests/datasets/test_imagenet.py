from __future__ import annotations

import warnings

import pytest
from miniatures import paint, voc, write

from mmscm.datasets import ImageNetLocalization, imagenet
from mmscm.datasets.annotations import AnnotationError

XML = 'Annotations/CLS-LOC/val'
BOXES = [[[1, 2, 3, 4], [5, 6, 7, 8]], [[0, 0, 19, 9]]]


def build(root, **kwargs):
    return ImageNetLocalization(str(root), classes=('a', 'b'), **kwargs)


def boxes_of(dataset):
    return [sample['gt_bboxes'].tolist() for sample in dataset]


def labels_of(dataset):
    return [sample['gt_label'] for sample in dataset]


def test_labels_of_train_are_the_ranks_of_the_folders(ilsvrc_root):
    dataset = build(ilsvrc_root)
    assert labels_of(dataset) == [0, 0, 1]
    assert dataset[2]['img_path'] == f'{ilsvrc_root}/train/n02/n02_1.JPEG'
    assert 'gt_bboxes' not in dataset[0]


def test_labels_of_val_come_from_the_list(ilsvrc_root):
    dataset = build(ilsvrc_root, split='val', ann_file='meta/val.txt')
    assert labels_of(dataset) == [1, 0]
    assert dataset[0]['img_path'] == f'{ilsvrc_root}/val/val_1.JPEG'


def test_boxes_come_from_xml_files(ilsvrc_root):
    dataset = build(
        ilsvrc_root, split='val', ann_file='meta/val.txt', boxes=XML
    )
    assert boxes_of(dataset) == BOXES


def test_val_in_class_folders_has_the_same_boxes(ilsvrc_root):
    for name in ('n01/val_2.JPEG', 'n02/val_1.JPEG'):
        paint(ilsvrc_root / 'val' / name, 20, 10)
    dataset = build(ilsvrc_root, split='val', boxes=XML)
    assert labels_of(dataset) == [0, 1]
    assert boxes_of(dataset) == BOXES[::-1]


def test_xml_files_may_lie_in_class_folders(ilsvrc_root):
    for image in ('n01/n01_1', 'n01/n01_2', 'n02/n02_1'):
        voc(ilsvrc_root / 'xml' / f'{image}.xml', (0, 1, 2, 3))
    assert boxes_of(build(ilsvrc_root, boxes='xml')) == [[[0, 1, 2, 3]]] * 3


def test_the_names_are_those_of_imagenet():
    classes = ImageNetLocalization.METAINFO['classes']
    assert len(classes) == 1000
    assert classes[0].startswith('tench')


def test_another_number_of_folders_is_refused(ilsvrc_root):
    with pytest.raises(AnnotationError, match=r'Expected 1000 folders.*got 2'):
        ImageNetLocalization(str(ilsvrc_root))


def test_hidden_folders_are_no_classes_and_what_is_left_out_is_counted(
    ilsvrc_root, monkeypatch
):
    logged = []
    monkeypatch.setattr(
        imagenet, 'print_log', lambda message, **_: logged.append(message)
    )
    paint(ilsvrc_root / 'train/.cache/a.jpg', 9, 9)
    build(ilsvrc_root)
    assert not logged
    train = ilsvrc_root / 'train/n01'
    paint(train / 'part/a.jpg', 9, 9)
    paint(train / 'b.webp', 9, 9)
    for name in ('._n01_1.JPEG', 'c.gif', 'd.GIF'):
        (train / name).touch()
    assert labels_of(build(ilsvrc_root)) == [0, 0, 0, 1]
    assert logged == [
        f'{ilsvrc_root}/train: left out 2 files with suffix .gif, 1 folders '
        'within class folders.'
    ]


@pytest.mark.parametrize(('width', 'fits'), [(20, True), (40, False)])
def test_an_xml_size_that_is_not_the_images_is_named(ilsvrc_root, width, fits):
    xml = ilsvrc_root / XML
    for name in ('val_1', 'val_2'):
        size = f'<size><width>{width}</width><height>10</height></size>'
        path = voc(xml / f'{name}.xml', (0, 0, 19, 9))
        write(path, path.read_text().replace('<object>', f'{size}<object>'))
    dataset = build(
        ilsvrc_root,
        split='val',
        ann_file='meta/val.txt',
        boxes=XML,
        pipeline=[dict(type='mmscm.LoadImage')],
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        list(dataset)
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == (not fits)
    if not fits:
        assert 'val_1.JPEG: Expected 40 x 10 pixels' in messages[0]


def test_a_flat_folder_asks_for_a_list(ilsvrc_root):
    with pytest.raises(AnnotationError, match=r'flat folder.*`ann_file`'):
        build(ilsvrc_root, split='val')


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        ('val_1.JPEG 2', r'a label in \[0, 1\]'),
        ('val_1.JPEG', '`path label`'),
        ('/val_1.JPEG 1', 'a path below the data root'),
    ],
)
def test_a_bad_line_is_named(ilsvrc_root, line, expected):
    write(ilsvrc_root / 'meta/val.txt', line)
    with pytest.raises(
        AnnotationError, match=f'val.txt, line 1: .*{expected}'
    ):
        build(ilsvrc_root, split='val', ann_file='meta/val.txt')


def test_a_repeated_path_is_named(ilsvrc_root):
    write(ilsvrc_root / 'meta/val.txt', 'val_1.JPEG 1', 'val_1.JPEG 0')
    with pytest.raises(AnnotationError, match=r'line 2: .*once.*val_1.JPEG 0'):
        build(ilsvrc_root, split='val', ann_file='meta/val.txt')


def test_all_wrong_xml_files_come_at_once(ilsvrc_root):
    xml = ilsvrc_root / XML
    (xml / 'val_1.xml').unlink()
    voc(xml / 'val_2.xml', (1, 2, 3, 4), (9, 2, 3, 4))
    with pytest.raises(AnnotationError) as error:
        build(
            ilsvrc_root,
            split='val',
            ann_file='meta/val.txt',
            boxes=XML,
        )
    missing, inverted = error.value.problems
    assert missing.startswith(f'{xml}/val_1.xml: Expected the boxes')
    assert inverted.startswith(f'{xml}/val_2.xml, object 2: Expected a box')


@pytest.mark.parametrize('boxes', ['nowhere', 'nowhere.txt'])
def test_missing_boxes_are_named(ilsvrc_root, boxes):
    with pytest.raises(FileNotFoundError, match=boxes):
        build(ilsvrc_root, boxes=boxes)


def test_a_missing_split_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'train.*README'):
        build(tmp_path)


def test_there_is_no_test_split(ilsvrc_root):
    with pytest.raises(ValueError, match=r"Expected `split`.*'test'"):
        build(ilsvrc_root, split='test')
