from __future__ import annotations

import re

import numpy as np
import pytest

from mmscm.datasets.box_annotations import (
    check_same_ids,
    read_boxes,
    read_class_names,
    read_ids,
    read_labels,
    read_masks,
    read_sizes,
)
from mmscm.datasets.problems import AnnotationError


def test_boxes_of_one_image_are_collected_in_order(listing):
    boxes = read_boxes(
        listing('a.jpg,1,2,3,4', 'b.jpg,0,0,1,1', 'a.jpg,5,6,7.5,8')
    )
    assert boxes['a.jpg'].tolist() == [[1, 2, 3, 4], [5, 6, 7.5, 8]]
    assert boxes['a.jpg'].dtype == np.float32
    assert boxes['b.jpg'].shape == (1, 4)


def test_an_id_may_hold_commas(listing):
    assert read_labels(listing('a,b.jpg,3')) == {'a,b.jpg': 3}


def test_sizes_come_as_height_and_width(listing):
    assert read_sizes(listing('a.jpg,500,335')) == {'a.jpg': (335, 500)}


def test_windows_line_ends_blank_lines_and_a_byte_order_mark_do_no_harm(
    tmp_path,
):
    path = tmp_path / 'ids.txt'
    path.write_bytes('\ufeffä/1.jpg\r\n\r\nb.jpg \t\r\n'.encode())
    assert list(read_ids(path)) == ['ä/1.jpg', 'b.jpg']


def test_masks_take_the_ignore_region_of_the_first_line(listing):
    path = listing('a.jpg,m1.png,ig.png', 'a.jpg,m2.png,')
    assert read_masks(path) == {'a.jpg': (['m1.png', 'm2.png'], 'ig.png')}


def test_a_file_without_class_names_is_refused(listing):
    with pytest.raises(AnnotationError, match=r'Expected class names'):
        read_class_names(listing('', ' '))


def test_class_names_lose_synset_and_number(listing):
    path = listing('n01440764 tench', '1 001.Sooty_Albatross', 'gas pump')
    assert read_class_names(path) == ('tench', 'Sooty_Albatross', 'gas pump')


@pytest.mark.parametrize(
    ('read', 'line', 'expected'),
    [
        (read_ids, '../a.jpg', 'a path below the data root'),
        (read_ids, 'x/../../a.jpg', 'a path below the data root'),
        (read_ids, '/etc/a.jpg', 'a path below the data root'),
        (read_ids, 'C:\\a.jpg', 'a path below the data root'),
        (read_ids, '..\\a.jpg', 'a path below the data root'),
        (read_labels, 'a.jpg', '`id,label`'),
        (read_labels, 'a.jpg,one', 'a whole label'),
        (read_labels, 'a.jpg,-1', 'a label in [0, '),
        (read_sizes, 'a.jpg,500', '`id,width,height`'),
        (read_sizes, 'a.jpg,500,0', 'a positive width and height'),
        (read_boxes, 'a.jpg,1,2,3', '`id,x0,y0,x1,y1`'),
        (read_boxes, 'a.jpg,1,2,3,four', 'numbers x0,y0,x1,y1'),
        (read_boxes, 'a.jpg,1,2,nan,4', 'finite box coordinates'),
        (read_boxes, 'a.jpg,1,2,inf,4', 'finite box coordinates'),
        (read_boxes, 'a.jpg,9,2,3,4', 'a box with x0 < x1'),
        (read_boxes, 'a.jpg,1,9,3,4', 'a box with x0 < x1 and y0 < y1'),
        (read_masks, 'a.jpg,m.png', '`id,mask,ignore`'),
        (read_masks, 'a.jpg,../m.png,i.png', 'a path below the data root'),
        (read_masks, 'a.jpg,m.png,', 'a path, not an empty field'),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_content(
    listing, read, line, expected
):
    path = listing('', line)  # blank lines count
    message = re.escape(f'{path}, line 2: Expected ')
    with pytest.raises(AnnotationError, match=message) as error:
        read(path)
    assert expected in str(error.value)
    assert repr(line) in str(error.value)


@pytest.mark.parametrize(
    ('read', 'lines'),
    [
        (read_ids, ('a.jpg', 'a.jpg')),
        (read_labels, ('a.jpg,0', 'a.jpg,1')),
        (read_sizes, ('a.jpg,1,1', 'a.jpg,2,2')),
    ],
)
def test_a_second_line_of_one_id_is_refused(listing, read, lines):
    with pytest.raises(AnnotationError, match=r"line 2: .*the second 'a.jpg'"):
        read(listing(*lines))


def test_a_second_ignore_region_is_refused(listing):
    path = listing('a.jpg,m1.png,i.png', 'a.jpg,m2.png,j.png')
    with pytest.raises(
        AnnotationError, match=r'line 2: .*first line of an im'
    ):
        read_masks(path)


def test_a_label_beyond_the_classes_is_refused(listing):
    path = listing('a.jpg,10')
    assert read_labels(path) == {'a.jpg': 10}
    with pytest.raises(AnnotationError, match=r'a label in \[0, 9\]'):
        read_labels(path, num_classes=10)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nowhere.txt.*README'):
        read_ids(tmp_path / 'nowhere.txt')


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / 'latin.txt'
    path.write_bytes('ä.jpg'.encode('latin-1'))
    with pytest.raises(
        AnnotationError, match=r'latin.txt, line 1: Expected UTF-8'
    ):
        read_ids(path)


def test_ids_that_are_lacking_or_added_are_counted_and_named():
    with pytest.raises(AnnotationError, match=r"f.txt.*lacks 2.*\['a', 'b'\]"):
        check_same_ids('f.txt', ['a', 'b', 'c'], ['c'])
    with pytest.raises(AnnotationError, match=r"adds 1 of them.*\['z'\]"):
        check_same_ids('f.txt', ['a'], ['z', 'a'])
    check_same_ids('f.txt', ['a', 'b'], ['b', 'a', 'a'])
