"""What one wrong file or line does to each kind of data set."""

from __future__ import annotations

import pytest
from miniatures import voc, write

from mmscm.datasets import CUBLocalization, ImageNetLocalization, WSOLMetadata
from mmscm.datasets.problems import AnnotationError, collect_problems
from mmscm.datasets.voc_boxes import read_voc_boxes

BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY e0 "{}">{}]>
<annotation><filename>&e9;</filename></annotation>"""
LEVELS = ''.join(
    f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10)
)
OUTSIDE = """<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<annotation><filename>&e;</filename></annotation>"""
SIZED = """<annotation><size><width>40</width><height>20</height></size>
<object><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{}</xmax><ymax>9</ymax>
</bndbox></object></annotation>"""


def metadata(root):
    return WSOLMetadata(str(root), 'metadata/test', 'images', num_classes=2)


def cub(root):
    return CUBLocalization(str(root), split='test')


def ilsvrc(root):
    return ImageNetLocalization(
        str(root),
        split='val',
        ann_file='meta/val.txt',
        boxes='Annotations/CLS-LOC/val',
        classes=('a', 'b'),
    )


def as_windows_writes(root):
    """CR LF, a byte order mark, blank lines and trailing spaces."""
    for path in root.rglob('*.txt'):
        lines = path.read_text().splitlines()
        text = '\ufeff' + '\r\n\r\n'.join(f'{line} ' for line in lines)
        path.write_bytes(text.encode())


def infos(dataset):
    samples = (dataset.get_data_info(i) for i in range(len(dataset)))
    return [{k: str(v) for k, v in sample.items()} for sample in samples]


@pytest.mark.parametrize(
    ('fixture', 'build'),
    [('metadata_root', metadata), ('cub_root', cub), ('ilsvrc_root', ilsvrc)],
)
def test_lists_written_on_windows_are_the_same(request, fixture, build):
    root = request.getfixturevalue(fixture)
    before = infos(build(root))
    as_windows_writes(root)
    assert infos(build(root)) == before


@pytest.mark.parametrize(
    ('name', 'lines', 'expected'),
    [
        ('image_ids.txt', ['a/1.jpg', 'a/1.jpg'], 'line 2: .*second'),
        ('image_ids.txt', ['a/1.jpg', '../2.jpg'], 'line 2: .*without `..`'),
        ('image_ids.txt', ['a/1.jpg', '/b/2.jpg'], 'line 2: .*below'),
        (
            'class_labels.txt',
            ['a/1.jpg,0', 'b/2.jpg,2'],
            r'line 2: .*\[0, 1\]',
        ),
        ('class_labels.txt', ['a/1.jpg,0', 'b/2.jpg,x'], 'line 2: .*whole'),
        ('class_labels.txt', ['a/1.jpg,0', 'c.jpg,1'], 'line 2: .*list of im'),
        ('class_labels.txt', ['a/1.jpg,0'], 'lacks 1 of them'),
        ('localization.txt', ['a/1.jpg,0,0,9,9'], 'lacks 1 of them'),
        ('localization.txt', ['a/1.jpg,0,0,9,nan'], 'line 1: .*finite'),
        ('localization.txt', ['a/1.jpg,0,0,inf,9'], 'line 1: .*finite'),
        ('localization.txt', ['a/1.jpg,9,0,0,9'], 'line 1: .*x0 < x1'),
        ('localization.txt', ['a/1.jpg,9,9,9,9'], 'line 1: .*x0 < x1'),
        ('localization.txt', ['a/1.jpg,0,0,9,99'], 'line 1: .*40 x 20 pixels'),
        ('image_sizes.txt', ['a/1.jpg,40,-20'], 'line 1: .*positive'),
    ],
)
def test_metadata_names_file_line_and_expectation(
    metadata_root, name, lines, expected
):
    path = write(metadata_root / 'metadata/test' / name, *lines)
    with pytest.raises(AnnotationError, match=expected) as error:
        metadata(metadata_root)
    assert str(error.value).startswith(str(path))


def test_all_wrong_lines_of_cub_come_at_once(cub_root):
    write(cub_root / 'images.txt', '1 a.jpg', '2 a.jpg', '3 ../b.jpg')
    write(cub_root / 'bounding_boxes.txt', '1 0 0 9 9', '2 0 0 0 9')
    with collect_problems() as found:
        cub(cub_root)
    places = [(error.path.rsplit('/', 1)[1], error.place) for error in found]
    assert places[:2] == [('images.txt', 'line 2'), ('images.txt', 'line 3')]
    assert ('bounding_boxes.txt', 'line 2') in places
    # only image 1 is left in images.txt, and it is no test image
    assert "adds 2 of them, the first: ['2', '3']" in str(found[2])
    assert 'Expected images in the data set' in str(found[-1])


def test_all_wrong_files_of_ilsvrc_come_at_once(ilsvrc_root):
    write(ilsvrc_root / 'meta/val.txt', 'val_1.JPEG 1', 'val_2.JPEG 9', 'x')
    xml = ilsvrc_root / 'Annotations/CLS-LOC/val'
    voc(xml / 'val_1.xml', (1, 2, 3, 4), (9, 2, 3, 4))
    with collect_problems() as found:
        dataset = ilsvrc(ilsvrc_root)
    assert [error.place for error in found] == ['line 2', 'line 3', 'object 2']
    assert dataset.get_data_info(0)['gt_bboxes'].shape == (0, 4)


def test_a_repeated_path_of_ilsvrc_is_refused(ilsvrc_root):
    write(ilsvrc_root / 'meta/val.txt', 'val_1.JPEG 1', 'val_1.JPEG 0')
    with pytest.raises(AnnotationError, match=r'line 2: .*the second'):
        ilsvrc(ilsvrc_root)


@pytest.mark.parametrize(
    'content',
    [
        BOMB.format('a' * 100, LEVELS),
        OUTSIDE,
        OUTSIDE.encode('utf-16'),
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><annotation/>',
    ],
    ids=['billion laughs', 'file', 'utf-16', 'url'],
)
def test_xml_that_declares_entities_is_refused(tmp_path, content):
    path = tmp_path / 'a.xml'
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(AnnotationError, match=r'a.xml: .*without a DOCTYPE'):
        read_voc_boxes(path)


def test_xml_boxes_lie_in_the_size_of_the_file(tmp_path):
    path = write(tmp_path / 'a.xml', SIZED.format(40))
    assert read_voc_boxes(path).tolist() == [[1, 2, 40, 9]]
    write(path, SIZED.format(50))
    with pytest.raises(AnnotationError, match=r'object 1: .*40 x 20 pixels'):
        read_voc_boxes(path)
