"""meta/val.txt of ILSVRC 2012, from the XML files."""

from __future__ import annotations

import shutil
from pathlib import Path

import ilsvrc
import pytest
from converter_runs import run_converter
from miniatures import paint, voc, write

from mmscm.datasets import ImageNetLocalization

SYNSETS = ('n02119789', 'n01440764', 'n02119789')  # of images 1, 2, 3
LABELS = (1, 0, 1)  # ranks
convert = ilsvrc.convert


def image_name(number: int) -> str:
    return f'ILSVRC2012_val_{number:08d}'


@pytest.fixture(autouse=True)
def two_classes(monkeypatch):
    monkeypatch.setattr(ilsvrc, 'NUM_CLASSES', 2)


@pytest.fixture
def root(tmp_path):
    """Three images flat in val, with XML files; two classes in train."""
    root = tmp_path / 'ILSVRC2012'
    for number, synset in enumerate(SYNSETS, 1):
        name = image_name(number)
        paint(root / f'val/{name}.JPEG', 20, 10)
        xml = voc(root / f'Annotations/CLS-LOC/val/{name}.xml', (1, 2, 3, 4))
        write(xml, xml.read_text().replace('n02', synset))
        (root / 'train' / synset).mkdir(parents=True, exist_ok=True)
    return root


def listed(root: Path) -> list[str]:
    return (root / 'meta/val.txt').read_text().splitlines()


def test_the_result_is_what_the_config_reads(root):
    assert convert(root) == f'{root}/meta/val.txt: 3 images'
    assert listed(root)[1:] == [
        f'{image_name(2)}.JPEG 0',
        f'{image_name(3)}.JPEG 1',
    ]
    dataset = ImageNetLocalization(
        str(root),
        'val',
        ann_file='meta/val.txt',
        boxes='Annotations/CLS-LOC/val/',
        pipeline=[dict(type='LoadImageFromFile')],
    )
    assert [sample['gt_label'] for sample in dataset] == list(LABELS)
    assert dataset[0]['gt_bboxes'].tolist() == [[1, 2, 3, 4]]


def test_images_in_folders_stay_there(root):
    for number, synset in enumerate(SYNSETS, 1):
        name = f'{image_name(number)}.JPEG'
        (root / 'val' / synset).mkdir(exist_ok=True)
        (root / 'val' / name).rename(root / 'val' / synset / name)
    convert(root)
    assert listed(root)[1] == f'n01440764/{image_name(2)}.JPEG 0'


def test_a_second_run_changes_nothing_and_another_list_stays(root):
    assert 'would be written' in convert(root, dry_run=True)
    assert not (root / 'meta').exists()
    convert(root)
    assert 'already there' in convert(root)
    write(root / 'meta/val.txt', 'of somebody 0')
    with pytest.raises(FileExistsError, match=r'meta/val\.txt; move it away'):
        convert(root)
    assert listed(root) == ['of somebody 0']


def test_a_part_of_the_annotations_has_no_labels(root, monkeypatch):
    monkeypatch.setattr(ilsvrc, 'NUM_CLASSES', 1000)
    with pytest.raises(SystemExit, match=r'1000 synsets .* but got 2'):
        run_converter(monkeypatch, 'ilsvrc', root)


def test_images_and_annotations_that_do_not_match_are_named(root):
    (root / f'val/{image_name(1)}.JPEG').unlink()
    paint(root / 'val/other.JPEG', 9, 9)
    paint(root / f'val/x/{image_name(2)}.JPEG', 9, 9)
    with pytest.raises(ValueError, match=r'3 do not match') as caught:
        convert(root)
    assert str(caught.value).splitlines()[1:] == [
        f'  {image_name(1)}: no image',
        '  other: no class',
        f'  {image_name(2)}: in two folders',
    ]


def test_training_folders_must_have_the_same_ranks(root):
    (root / 'train/n01440764').rename(root / 'train/tench')
    with pytest.raises(ValueError, match=r"lacks \['n014.* adds \['tench"):
        convert(root)


def test_an_xml_file_of_two_classes_is_named(root):
    path = root / f'Annotations/CLS-LOC/val/{image_name(3)}.xml'
    path.write_text('<annotation></annotation>')
    with pytest.raises(ValueError, match=rf'{image_name(3)}\.xml.*one synset'):
        convert(root)


def test_missing_annotations_are_named(root):
    shutil.rmtree(root / 'Annotations')
    with pytest.raises(FileNotFoundError, match=r'XML files .*CLS-LOC/val'):
        convert(root)
