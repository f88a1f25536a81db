from __future__ import annotations

import numpy as np
import pytest
from miniatures import voc, write

from mmscm.datasets.problems import AnnotationError
from mmscm.datasets.voc_boxes import read_voc_boxes


def test_every_object_is_read(tmp_path):
    path = voc(tmp_path / 'a.xml', (1, 2, 3, 4), ('5.5', 6, 7, 8))
    boxes = read_voc_boxes(path)
    assert boxes.tolist() == [[1, 2, 3, 4], [5.5, 6, 7, 8]]
    assert boxes.dtype == np.float32


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r'no.xml: .*boxes of an image'
    ):
        read_voc_boxes(tmp_path / 'no.xml')


def test_a_file_that_is_not_xml_is_named(tmp_path):
    path = write(tmp_path / 'a.xml', '<annotation>')
    with pytest.raises(AnnotationError, match=r'a.xml: Expected an XML file'):
        read_voc_boxes(path)


def test_a_file_without_objects_is_named(tmp_path):
    with pytest.raises(AnnotationError, match=r'a.xml: Expected an object'):
        read_voc_boxes(voc(tmp_path / 'a.xml'))


@pytest.mark.parametrize(
    ('box', 'expected'),
    [
        ((3, 2, 1, 4), 'x0 < x1'),
        ((1, 'nan', 3, 4), 'finite'),
        ((1, 2, '', 4), 'numbers'),
    ],
)
def test_a_bad_box_is_named_with_its_object(tmp_path, box, expected):
    path = voc(tmp_path / 'a.xml', (1, 2, 3, 4), box)
    with pytest.raises(AnnotationError, match=r'a.xml, object 2') as error:
        read_voc_boxes(path)
    assert expected in str(error.value)
