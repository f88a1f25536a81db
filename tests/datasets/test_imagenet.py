import pytest
from miniatures import paint, voc, write

from mmscm.datasets import ImageNetLocalization, imagenet
from mmscm.datasets.annotations import AnnotationError

XML = 'Annotations/CLS-LOC/val'
BOXES = [[[1, 2, 3, 4], [5, 6, 7, 8]], [[0, 0, 19, 9]]]
VAL = dict(split='val', ann_file='meta/val.txt', boxes=XML)


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


def test_labels_of_val_come_from_the_list_and_boxes_from_xml_files(
    ilsvrc_root,
):
    (ilsvrc_root / XML / '.cache').mkdir()  # does not make it nested
    dataset = build(ilsvrc_root, **VAL)
    assert labels_of(dataset) == [1, 0]
    assert dataset[0]['img_path'] == f'{ilsvrc_root}/val/val_1.JPEG'
    assert boxes_of(dataset) == BOXES
    assert 'ori_shape' not in dataset[0]
    assert dataset[1]['ori_shape'] == (10, 20)


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


@pytest.mark.parametrize(
    ('lines', 'expected'),
    [
        (['val_1.JPEG 2'], r'line 1: .*a label in \[0, 1\]'),
        (['val_1.JPEG'], 'line 1: .*`path label`'),
        (['/val_1.JPEG 1'], 'line 1: .*a path below the data root'),
        (['val_1.JPEG 1', 'val_1.JPEG 0'], 'line 2: .*once.*val_1.JPEG 0'),
    ],
)
def test_a_bad_line_is_named(ilsvrc_root, lines, expected):
    write(ilsvrc_root / 'meta/val.txt', *lines)
    with pytest.raises(AnnotationError, match=f'val.txt, {expected}'):
        build(ilsvrc_root, **VAL)


def test_all_wrong_xml_files_come_at_once(ilsvrc_root):
    xml = ilsvrc_root / XML
    (xml / 'val_1.xml').unlink()
    voc(xml / 'val_2.xml', (1, 2, 3, 4), (9, 2, 3, 4))
    with pytest.raises(AnnotationError) as error:
        build(ilsvrc_root, **VAL)
    missing, inverted = error.value.args
    assert missing == f'{xml}/val_1.xml: no XML file of the boxes.'
    assert inverted.startswith(f'{xml}/val_2.xml, object 2: Expected a box')


@pytest.mark.parametrize(
    ('arguments', 'error', 'expected'),
    [
        (dict(split='test'), ValueError, r"Expected `split`.*'test'"),
        (dict(split='val'), ValueError, r'flat folder.*`ann_file`'),
        (dict(classes=None), ValueError, r'Expected 1000 folders.*got 2'),
        (dict(boxes='nowhere'), FileNotFoundError, 'nowhere: .*README'),
        (dict(data_root='gone'), FileNotFoundError, r'train.*README'),
    ],
)
def test_what_does_not_fit_the_folders_is_named(
    ilsvrc_root, arguments, error, expected
):
    defaults = dict(data_root=str(ilsvrc_root), classes=('a', 'b'))
    with pytest.raises(error, match=expected):
        ImageNetLocalization(**{**defaults, **arguments})
