"""Any text is read, or refused with the name of its file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmscm.datasets.box_annotations import (
    read_boxes,
    read_ids,
    read_label_column,
    read_labels,
    read_masks,
    read_sizes,
)
from mmscm.datasets.packed_list import Positions, StringList
from mmscm.datasets.problems import AnnotationError, collect_problems
from mmscm.datasets.voc_boxes import read_voc_boxes

READERS = (
    *(read_ids, read_labels, read_sizes, read_boxes, read_masks),
    read_voc_boxes,
)
# near to what lists hold, so that much of it gets past the first check
FIELDS = st.one_of(
    st.sampled_from(
        ['a.jpg', 'ä b', '', '..', '/', '-1', '1e400', 'nan', '0', '7', '2.5']
    ),
    st.text(max_size=4),
)
LINES = st.lists(FIELDS, max_size=6).map(','.join)
TEXTS = (
    st.lists(LINES, max_size=6)
    .map('\n'.join)
    .map(lambda text: text.encode('utf-8', 'surrogatepass'))
)


def outcome(read, path):
    try:
        return read(path), None
    except AnnotationError as error:
        return None, error


@pytest.mark.parametrize('read', READERS, ids=lambda read: read.__name__)
@settings(max_examples=50, deadline=None)
@given(content=TEXTS | st.binary(max_size=40))
def test_any_content_is_read_or_refused_by_name(read, content):
    with TemporaryDirectory() as folder:
        path = Path(folder, 'list.txt')
        path.write_bytes(content)
        found, error = outcome(read, path)
    assert error is None or str(error).startswith(str(path))
    if read is read_boxes and error is None:
        for boxes in found.values():
            assert np.isfinite(boxes).all()
            assert (boxes[:, 2:] > boxes[:, :2]).all()


@settings(max_examples=50, deadline=None)
@given(content=TEXTS)
def test_lists_with_problems_are_read_to_their_end(content):
    with TemporaryDirectory() as folder, collect_problems() as found:
        path = Path(folder, 'list.txt')
        path.write_bytes(content)
        ids = read_ids(path)
        labels = read_label_column(path, ids)
    assert len(labels) == len(ids) == len(set(ids))
    assert all(error.path == str(path) for error in found)


@settings(max_examples=50, deadline=None)
@given(strings=st.lists(st.text(max_size=2)), indices=st.data())
def test_packed_strings_are_those_of_a_list(strings, indices):
    packed = StringList(strings)
    assert list(packed) == strings
    if strings:
        index = indices.draw(st.integers(-len(strings), len(strings) - 1))
        assert packed[index] == strings[index]
    first = {s: i for i, s in reversed(list(enumerate(strings)))}
    later = [i for i, s in enumerate(strings) if first[s] != i]
    assert Positions(packed).repeated() == later
