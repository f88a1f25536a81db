"""meta/val.txt of ILSVRC 2012, from the XML files."""

import shutil
from functools import partial

import ilsvrc
import pytest
from ilsvrc import convert
from miniatures import paint, voc, write

from mmscm.datasets import ImageNetLocalization

SYNSETS = {'val_1': 'n02119789', 'val_2': 'n01440764', 'val_3': 'n02119789'}
XML = 'Annotations/CLS-LOC/val'


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Three images flat in val, with XML files; two classes in train."""
    monkeypatch.setattr(ilsvrc, 'NUM_CLASSES', 2)
    for name, synset in SYNSETS.items():
        paint(tmp_path / f'val/{name}.JPEG', 20, 10)
        voc(tmp_path / XML / f'{name}.xml', (1, 2, 3, 4), name=synset)
        (tmp_path / 'train' / synset).mkdir(parents=True, exist_ok=True)
    (tmp_path / 'train/.ipynb_checkpoints').mkdir()
    return tmp_path


def test_the_result_is_what_the_config_reads(root):
    assert convert(root) == f'{root}/meta/val.txt: 3 images'
    dataset = ImageNetLocalization(
        str(root), 'val', ann_file='meta/val.txt', boxes=XML
    )
    # ranks of the synsets
    assert [sample['gt_label'] for sample in dataset] == [1, 0, 1]
    assert dataset[0]['gt_bboxes'].tolist() == [[1, 2, 3, 4]]


def test_images_in_folders_stay_there(root):
    for name, synset in SYNSETS.items():
        (root / 'val' / synset).mkdir(exist_ok=True)
        image = root / f'val/{name}.JPEG'
        image.rename(root / 'val' / synset / image.name)
    convert(root)
    lines = (root / 'meta/val.txt').read_text().splitlines()
    assert lines[1] == 'n01440764/val_2.JPEG 0'


def test_a_second_run_changes_nothing_and_another_list_stays(root):
    assert 'would be written' in convert(root, dry_run=True)
    assert not (root / 'meta').exists()
    convert(root)
    assert 'already there' in convert(root)
    write(root / 'meta/val.txt', 'of somebody 0')
    with pytest.raises(FileExistsError, match=r'meta/val\.txt; move it away'):
        convert(root)
    assert (root / 'meta/val.txt').read_text() == 'of somebody 0\n'


def test_images_and_annotations_that_do_not_match_are_named(root):
    (root / 'val/val_1.JPEG').unlink()
    paint(root / 'val/other.JPEG', 9, 9)
    paint(root / 'val/x/val_2.JPEG', 9, 9)
    with pytest.raises(ValueError, match=r'3 do not match') as caught:
        convert(root)
    assert str(caught.value).splitlines()[1:] == [
        '  val_1: no image',
        '  other: no class',
        '  val_2: in two folders',
    ]


def another(number, root):
    voc(root / XML / f'val_{number}.xml', range(4), name='n3')


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (lambda root: shutil.rmtree(root / XML), 'XML files .*CLS-LOC/val'),
        (
            lambda root: voc(root / XML / 'val_2.xml'),
            r'val_2\.xml.*one synset',
        ),
        (partial(another, 2), 'in train .* lacks .*n3.* adds .*n014'),
        (partial(another, 4), 'Expected 2 synsets .* but got 3'),
    ],
)
def test_annotations_that_are_missing_or_wrong_are_named(
    root, change, expected
):
    change(root)
    with pytest.raises((ValueError, FileNotFoundError), match=expected):
        convert(root)
