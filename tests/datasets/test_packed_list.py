from __future__ import annotations

import copy
import pickle

import pytest

from mmscm.datasets import packed_list
from mmscm.datasets.packed_list import DictList, Positions, StringList

NAMES = ['a', '', 'ä/b.jpg', 'c']


def test_it_reads_like_a_list():
    names = StringList(NAMES)
    assert list(names) == NAMES
    assert len(names) == 4
    assert names[2] == 'ä/b.jpg'
    assert names[-4] == 'a'
    assert list(names[1:3]) == NAMES[1:3]
    assert list(names[::-1]) == NAMES[::-1]
    assert list(names.take([3, 3, -4])) == ['c', 'c', 'a']
    assert 'c' in names


@pytest.mark.parametrize('index', [4, -5])
def test_an_index_beyond_the_end_is_refused(index):
    with pytest.raises(IndexError):
        StringList(NAMES)[index]


def test_an_empty_list_has_no_entries():
    assert list(StringList()) == []
    assert Positions(StringList()).find('a') == -1
    assert Positions(StringList()).repeated() == []


def test_bytes_are_those_of_the_text_and_an_address_each():
    # 1 + 0 + 8 + 1 bytes; 5 addresses
    assert StringList(NAMES).nbytes == 10 + 5 * 8


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_are_independent(copied):
    names = StringList(NAMES)
    other = copied(names)
    other.append('d')
    assert list(other) == [*NAMES, 'd']
    assert list(names) == NAMES


def test_dicts_come_back_as_new_objects():
    dicts = DictList([dict(a=[1]), {}])
    dicts[0]['a'].append(2)
    assert list(dicts) == [dict(a=[1]), {}]


@pytest.mark.parametrize('order', [[0, 1, 2, 3], [3, 1, 2, 0]])
def test_strings_are_found_in_every_order(order):
    positions = Positions(StringList(NAMES))
    assert [positions.find(NAMES[i]) for i in order] == order
    assert positions.find('d') == -1
    assert positions.find('a') == 0


def test_repeated_strings_are_the_later_ones():
    names = StringList(['a', 'b', 'a', 'c', 'b', 'a'])
    assert Positions(names).repeated() == [2, 4, 5]


def test_equal_hashes_are_no_equal_strings(monkeypatch):
    monkeypatch.setattr(packed_list, 'hash', lambda _: 7, raising=False)
    positions = Positions(StringList(['a', 'b', 'a', 'c']))
    assert positions.repeated() == [2]
    assert [positions.find(s) for s in ('c', 'b', 'z')] == [3, 1, -1]
