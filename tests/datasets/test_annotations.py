"""Annotation files are read, or refused with file, line and content."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from miniatures import voc, write

from mmscm.datasets.annotations import (
    AnnotationError,
    check_same_ids,
    read_boxes,
    read_class_names,
    read_ids,
    read_labels,
    read_masks,
    read_sizes,
    read_voc,
)

ENTITY = '<!DOCTYPE a [<!ENTITY e {}>]><annotation>&e;</annotation>'


@pytest.fixture
def listing(tmp_path):
    """Write the lines of an annotation file and get its path."""
    return lambda *lines: write(tmp_path / 'list.txt', *lines)


def test_boxes_of_one_image_are_collected_in_order(listing):
    boxes = read_boxes(listing('a,1,2,3,4', 'b,0,0,1,1', 'a,5,6,7.5,8'))
    assert boxes['a'].tolist() == [[1, 2, 3, 4], [5, 6, 7.5, 8]]
    assert boxes['a'].dtype == np.float32
    assert boxes['b'].shape == (1, 4)


def test_windows_line_ends_blank_lines_and_a_byte_order_mark_do_no_harm(
    tmp_path,
):
    path = tmp_path / 'ids.txt'
    path.write_bytes('\ufeffä/1.jpg\r\n\r\nb.jpg \t\r\n'.encode())
    assert read_ids(path) == ['ä/1.jpg', 'b.jpg']


@pytest.mark.parametrize(
    ('read', 'lines', 'expected'),
    [
        (read_labels, ['a,b.jpg, 3 '], {'a,b.jpg': 3}),
        (read_sizes, ['a.jpg,500,335'], {'a.jpg': (335, 500)}),
        (read_ids, ['a..b.jpg', '12:30.jpg'], ['a..b.jpg', '12:30.jpg']),
        (read_ids, ['x y/ü,1.jpg'], ['x y/ü,1.jpg']),
        (
            read_masks,  # the first line has the region to ignore
            ['a.jpg,m1.png,ig.png', 'a.jpg,m2.png,', 'b.jpg,m3.png,'],
            {
                'a.jpg': (['m1.png', 'm2.png'], 'ig.png'),
                'b.jpg': (['m3.png'], ''),
            },
        ),
        # what a format puts before the names of classes
        (read_class_names, ['n01440764 gas pump'], ('gas pump',)),
        (read_class_names, ['n02012849 a', 'n03126707 a'], ('a', 'a')),
        (read_class_names, ['1 001.Auk', '10 010.2nd'], ('Auk', '2nd')),
        # names with numbers
        (read_class_names, ['1 cent', '10 cent'], ('1 cent', '10 cent')),
        (read_class_names, ['001.Auk', '002.Owl'], ('001.Auk', '002.Owl')),
        (read_class_names, ['n01440764 a', 'b'], ('n01440764 a', 'b')),
    ],
)
def test_lines_give(listing, read, lines, expected):
    assert read(listing(*lines)) == expected


@pytest.mark.parametrize(
    ('read', 'line', 'expected'),
    [
        (read_ids, '../a.jpg', 'a path below the data root'),
        (read_ids, 'x/../../a.jpg', 'a path below the data root'),
        (read_ids, '/etc/a.jpg', 'a path below the data root'),
        (read_ids, 'C:\\a.jpg', 'a path below the data root'),
        (read_ids, '..\\a.jpg', 'a path below the data root'),
        (read_ids, 's3://bucket/a.jpg', 'a path below the data root'),
        (read_labels, 'a.jpg', '`id,label`'),
        (read_labels, 'a.jpg,one', 'a whole label'),
        (read_labels, 'a.jpg,1.0', 'a whole label'),
        (read_labels, 'a.jpg,', 'a whole label'),
        (read_labels, 'a.jpg,-1', 'a label in [0, '),
        (read_sizes, 'a.jpg,500', '`id,width,height`'),
        (read_sizes, 'a.jpg,500,0', 'a positive width and height'),
        (read_boxes, 'a.jpg,1,2,3', '`id,x0,y0,x1,y1`'),
        (read_boxes, 'a.jpg,1,2,3,four', 'numbers x0,y0,x1,y1'),
        (read_boxes, 'a.jpg,1,2,nan,4', 'finite box coordinates'),
        (read_boxes, 'a.jpg,1,2,inf,4', 'finite box coordinates'),
        (read_boxes, 'a.jpg,9,2,3,4', 'a box with x0 < x1'),
        (read_boxes, 'a.jpg,1,9,3,4', 'a box with x0 < x1 and y0 < y1'),
        (read_boxes, 'a.jpg,2,2,2,2', 'a box with x0 < x1 and y0 < y1'),
        (read_masks, 'a.jpg,m.png', '`id,mask,ignore`'),
        (read_masks, 'a.jpg,../m.png,i.png', 'a path below the data root'),
        (read_masks, 'a.jpg,,i.png', 'a path below the data root'),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_content(
    listing, read, line, expected
):
    path = listing('', line)  # blank lines count
    message = f'{path}, line 2: Expected {expected}'
    with pytest.raises(AnnotationError, match=re.escape(message)) as error:
        read(path)
    assert f'but got {line!r}' in str(error.value)


@pytest.mark.parametrize(
    ('read', 'lines', 'expected'),
    [
        (read_ids, ('a.jpg', 'a.jpg'), 'each id or name once'),
        (read_labels, ('a.jpg,0', 'a.jpg,1'), 'each id or name once'),
        (read_sizes, ('a.jpg,1,1', 'a.jpg,2,2'), 'each id or name once'),
        (read_class_names, ('cat', 'cat'), 'each id or name once'),
        (read_masks, ('a,m.png,i.png', 'a,m.png,j.png'), 'on the first line'),
    ],
)
def test_what_comes_once_is_refused_a_second_time(
    listing, read, lines, expected
):
    with pytest.raises(AnnotationError, match=rf'line 2: .*{expected}'):
        read(listing(*lines))


def test_all_wrong_lines_come_in_one_error_and_ten_of_them_are_shown(listing):
    path = listing('a,1,2,3,4', *('b,1,2' for _ in range(12)), 'c,0,0,x,1')
    with pytest.raises(AnnotationError) as error:
        read_boxes(path)
    places = [p.split(':')[0] for p in error.value.args]
    assert places == [f'{path}, line {i}' for i in range(2, 15)]
    assert str(error.value).endswith(
        "line 11: Expected `id,x0,y0,x1,y1`, but got 'b,1,2'.\n"
        '... and 3 more; tools/check_dataset.py lists them'
    )


def test_a_label_beyond_the_classes_is_refused_and_a_long_line_cut(listing):
    path = listing('a.jpg,10')
    assert read_labels(path) == {'a.jpg': 10}
    with pytest.raises(AnnotationError, match=r'a label in \[0, 9\]'):
        read_labels(path, num_classes=10)
    with pytest.raises(AnnotationError, match=r'a whole label') as error:
        read_labels(listing('a,' + '9' * 5000))
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ('box', 'fits'),
    [
        ('0,0,40,20', True),
        ('1,1,41,21', True),  # counted from 1
        ('-1,0,40,20', True),
        ('0,0,42,20', False),
        ('0,0,40,22', False),
        ('-2,0,40,20', False),
        ('40,0,41,20', False),
        ('5,20,10,21', False),
    ],
)
def test_a_box_lies_in_its_image_up_to_a_pixel(listing, box, fits):
    path = listing(f'a,{box}')
    assert len(read_boxes(path)) == 1
    if fits:
        assert len(read_boxes(path, {'a': (20, 40)})) == 1
    else:
        with pytest.raises(AnnotationError, match=r'within .* 40 x 20 pixels'):
            read_boxes(path, {'a': (20, 40)})


def test_missing_empty_and_undecodable_files_are_named(tmp_path, listing):
    with pytest.raises(FileNotFoundError, match=r'nowhere.txt.*README'):
        read_ids(tmp_path / 'nowhere.txt')
    with pytest.raises(AnnotationError, match=r'list.txt: Expected class na'):
        read_class_names(listing('', ' '))
    (tmp_path / 'list.txt').write_bytes('a.jpg\nä.jpg'.encode('latin-1'))
    with pytest.raises(AnnotationError, match=r'list.txt, line 2: .*UTF-8'):
        read_ids(tmp_path / 'list.txt')


def test_ids_that_are_lacking_or_added_are_counted_and_named():
    check_same_ids('f.txt', ['a', 'b'], dict(b=1, a=0))
    message = r"f.txt: .*lacks 2 .*\['a', 'b'\].* adds 1 .*\['z'\]"
    with pytest.raises(AnnotationError, match=message):
        check_same_ids('f.txt', ['a', 'b', 'c'], dict(c=0, z=1))


def test_every_object_of_an_xml_file_is_read(tmp_path):
    found = read_voc(voc(tmp_path / 'a.xml', (1, 2, 3, 4), ('5.5', 6, 7, 8)))
    assert found['gt_bboxes'].tolist() == [[1, 2, 3, 4], [5.5, 6, 7, 8]]
    assert found['gt_bboxes'].dtype == np.float32
    assert 'ori_shape' not in found
    found = read_voc(voc(tmp_path / 'a.xml', (1, 2, 40, 9), size=(40, 20)))
    assert found['ori_shape'] == (20, 40)


@pytest.mark.parametrize(
    ('box', 'expected'),
    [
        ((3, 2, 1, 4), 'x0 < x1'),
        ((1, 'nan', 3, 4), 'finite'),
        ((1, 2, '', 4), 'numbers'),
        ((1, 2, 50, 9), '40 x 20 pixels'),
    ],
)
def test_a_bad_xml_box_is_named_with_its_object(tmp_path, box, expected):
    path = voc(tmp_path / 'a.xml', (1, 2, 3, 4), box, size=(40, 20))
    with pytest.raises(AnnotationError, match=f'object 2: .*{expected}'):
        read_voc(path)


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('<annotation>', 'an XML file'),
        ('<annotation></annotation>', 'an object'),
        # that may expand to gigabytes, or read what lies elsewhere
        (ENTITY.format('"x"'), 'XML without a DOCTYPE'),
        (ENTITY.format('SYSTEM "file:///a"'), 'XML without a DOCTYPE'),
        (ENTITY.format('"x"').encode('utf-16'), 'XML without a DOCTYPE'),
    ],
)
def test_xml_that_is_broken_or_declares_entities_is_refused(
    tmp_path, content, expected
):
    path = tmp_path / 'a.xml'
    content = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=rf'a.xml: Expected {expected}'):
        read_voc(path)


# near to what lists hold, so that much of it gets past the first check
FIELDS = st.sampled_from(
    ['a.jpg', 'ä b', '', '..', '/', '-1', '1e400', 'nan', '0', '7', '2.5']
) | st.text(max_size=4)
LINES = st.lists(st.lists(FIELDS, max_size=6).map(','.join), max_size=6)
TEXTS = LINES.map(lambda x: '\n'.join(x).encode('utf-8', 'surrogatepass'))
READERS = (
    *(read_ids, read_labels, read_sizes, read_boxes, read_masks),
    *(read_class_names, read_voc),
)


@pytest.mark.parametrize('read', READERS, ids=lambda read: read.__name__)
@settings(max_examples=40, deadline=None)
@given(content=TEXTS | st.binary(max_size=40))
def test_any_content_is_read_or_refused_by_name(read, content):
    with TemporaryDirectory() as folder:
        path = Path(folder, 'list.txt')
        path.write_bytes(content)
        found, problems = {}, ()
        try:
            found = read(path)
        except AnnotationError as error:
            problems = error.args
    assert all(problem.startswith(str(path)) for problem in problems)
    for boxes in found.values() if read is read_boxes else ():
        assert np.isfinite(boxes).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
