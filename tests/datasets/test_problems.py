from __future__ import annotations

import pickle

import pytest
from miniatures import write
from torch._utils import ExceptionWrapper

from mmscm.datasets.box_annotations import (
    read_boxes,
    read_ids,
    read_label_column,
    read_labels,
)
from mmscm.datasets.packed_list import StringList
from mmscm.datasets.problems import (
    AnnotationError,
    ImageError,
    MissingFileError,
    collect_problems,
    report,
)


def test_a_problem_is_raised_unless_it_is_collected():
    error = AnnotationError.at('a.txt', 'no good', 'line 3')
    assert (error.path, error.place) == ('a.txt', 'line 3')
    with pytest.raises(AnnotationError, match=r'^a.txt, line 3: no good$'):
        report(error)
    with collect_problems() as found:
        report(error)
    assert found == [error]
    with pytest.raises(AnnotationError):
        report(error)


@pytest.mark.parametrize(
    ('kind', 'usual'),
    [
        (AnnotationError, ValueError),
        (ImageError, ValueError),
        (MissingFileError, FileNotFoundError),
    ],
)
def test_errors_are_of_the_usual_kinds_and_survive_a_worker(kind, usual):
    error = kind.at('x.jpg', 'bad')
    assert isinstance(error, usual)
    assert str(pickle.loads(pickle.dumps(error))) == 'x.jpg: bad'
    try:
        raise error
    except kind:
        wrapped = ExceptionWrapper(where='in a worker')
    with pytest.raises(kind, match=r'in a worker[\s\S]*x.jpg: bad'):
        wrapped.reraise()


def test_all_wrong_lines_are_collected_and_the_good_ones_kept(listing):
    path = listing('a,1,2,3,4', 'b,1,2', 'c,9,2,3,4', 'd,0,0,x,1', 'e,0,0,1,1')
    with collect_problems() as found:
        boxes = read_boxes(path)
    assert list(boxes) == ['a', 'e']
    assert [error.place for error in found] == ['line 2', 'line 3', 'line 4']
    assert {error.path for error in found} == {str(path)}


def test_repeated_ids_are_collected_with_their_lines_and_left_out(listing):
    path = listing('a', 'b', '../c', '', 'a', 'd', 'b')
    with collect_problems() as found:
        ids = read_ids(path)
    assert list(ids) == ['a', 'b', 'd']
    assert [error.place for error in found] == ['line 3', 'line 5', 'line 7']


def test_labels_in_another_order_come_in_that_of_the_ids(listing):
    path = listing('c,2', 'a,0', 'b,1')
    ids = StringList('abc')
    assert list(read_label_column(path, ids)) == [0, 1, 2]
    assert read_labels(path) == dict(a=0, b=1, c=2)


def test_labels_of_other_ids_are_collected_with_their_lines(listing):
    path = listing('a,0', 'z,1', 'a,0', 'c,7')
    with collect_problems() as found:
        labels = read_label_column(path, StringList('abc'), num_classes=5)
    assert list(labels) == [0, -1, -1]
    assert [error.place for error in found] == [
        'line 2',
        'line 3',
        'line 4',
        '',
    ]
    assert 'an id of the list of images' in str(found[0])
    assert "lacks 2 of them, the first: ['b', 'c']" in str(found[3])


def test_missing_and_undecodable_files_are_collected(tmp_path):
    path = tmp_path / 'latin.txt'
    path.write_bytes('a.jpg\nä.jpg\nb.jpg\n'.encode('latin-1'))
    with collect_problems() as found:
        read_ids(tmp_path / 'gone.txt')
        read_ids(path)
    assert [error.place for error in found] == ['', 'line 2']
    assert 'there is none' in str(found[0])


@pytest.mark.parametrize(
    ('text', 'what'),
    [
        ('a,1_0', 'a whole label'),
        ('a,３', 'a whole label'),
        ('a,1.0', 'a whole label'),
        ('a,', 'a whole label'),
        ('a,' + '9' * 5000, 'a whole label'),
    ],
)
def test_a_label_that_python_alone_would_read_is_refused(listing, text, what):
    with pytest.raises(AnnotationError, match=what) as error:
        read_labels(listing(text))
    assert len(str(error.value)) < 500


def test_spaces_around_a_number_do_no_harm(listing):
    assert read_labels(listing('a, 3 ')) == {'a': 3}


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


@pytest.mark.parametrize('box', ['3,1,3,5', '1,5,4,5', '2,2,2,2'])
def test_a_box_without_area_is_refused(listing, box):
    with pytest.raises(AnnotationError, match='x0 < x1 and y0 < y1'):
        read_boxes(listing(f'a,{box}'))


@pytest.mark.parametrize(
    'path', ['http://x.org/a.jpg', 's3://bucket/a.jpg', 'a/', 'a/.', 'a\0b']
)
def test_an_id_that_is_no_file_below_the_root_is_refused(tmp_path, path):
    with pytest.raises(AnnotationError, match=r'line 1: Expected a path'):
        read_ids(write(tmp_path / 'ids.txt', path))


@pytest.mark.parametrize('path', ['a..b.jpg', '12:30.jpg', 'x y/ü,1.jpg'])
def test_an_unusual_name_is_a_name(tmp_path, path):
    (tmp_path / 'ids.txt').write_text(path, encoding='utf-8')
    assert list(read_ids(tmp_path / 'ids.txt')) == [path]
