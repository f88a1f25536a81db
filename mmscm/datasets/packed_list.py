"""Long lists in two blocks of memory."""

from __future__ import annotations

import pickle
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np

T = TypeVar('T')


class PackedList(Sequence, Generic[T]):
    """A list that only grows, its entries one after the other in bytes.

    The 1.28 million ids of ILSVRC take 55 MB, the strings of a list twice as
    much and those of a dict four times. Workers of a loader read the blocks
    of their parent without a copy, as nothing in them counts references.

    Args:
        entries (Iterable): What to begin with.
    """

    def __init__(self, entries: Iterable[T] = ()) -> None:
        self._bytes = bytearray()
        self._ends = array('q', [0])
        for entry in entries:
            self.append(entry)

    def append(self, entry: T) -> None:
        """Add one at the end."""
        self._bytes += self._pack(entry)
        self._ends.append(len(self._bytes))

    def take(self, indices: Iterable[int]) -> PackedList[T]:
        """Those entries, in that order."""
        return type(self)(self[index] for index in indices)

    @property
    def nbytes(self) -> int:
        """Size of both blocks."""
        return len(self._bytes) + len(self._ends) * self._ends.itemsize

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int | slice) -> T | PackedList[T]:
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        if not -len(self) <= index < len(self):
            raise IndexError(f'Expected an index below {len(self)}.')
        index %= len(self)
        start, end = self._ends[index], self._ends[index + 1]
        return self._unpack(self._bytes[start:end])

    def __iter__(self) -> Iterator[T]:
        for start, end in pairwise(self._ends):
            yield self._unpack(self._bytes[start:end])

    def _pack(self, entry: T) -> bytes:
        raise NotImplementedError

    def _unpack(self, entry: bytearray) -> T:
        raise NotImplementedError


class StringList(PackedList[str]):
    """Strings, as UTF-8."""

    def _pack(self, entry: str) -> bytes:
        return entry.encode()

    def _unpack(self, entry: bytearray) -> str:
        return entry.decode()


class DictList(PackedList[dict]):
    """Dicts, pickled by this object and by nobody else."""

    def _pack(self, entry: dict) -> bytes:
        return pickle.dumps(entry, protocol=5)

    def _unpack(self, entry: bytearray) -> dict:
        return pickle.loads(entry)


class Positions:
    """Where each string of a list is, in 16 bytes an entry.

    Args:
        strings (StringList): Must not change any more.
    """

    def __init__(self, strings: StringList) -> None:
        hashes = np.fromiter(map(hash, strings), np.int64, len(strings))
        self._strings = strings
        self._order = np.argsort(hashes, kind='stable')
        self._hashes = hashes[self._order]
        self._next = 0  # lists mostly come in the same order

    def find(self, string: str) -> int:
        """Its position, the first of several, or -1."""
        position = self._next
        if not self._is_at(position, string):
            position = self._search(string)
        self._next = position + 1
        return position

    def repeated(self) -> list[int]:
        """Positions of strings that came before."""
        same = np.flatnonzero(self._hashes[1:] == self._hashes[:-1])
        suspects = {*self._order[same], *self._order[same + 1]}
        return [
            i for i in sorted(suspects) if self._search(self._strings[i]) != i
        ]

    def _is_at(self, position: int, string: str) -> bool:
        inside = position < len(self._strings)
        return inside and self._strings[position] == string

    def _search(self, string: str) -> int:
        wanted = hash(string)
        place = bisect_left(self._hashes, wanted)
        while place < len(self._hashes) and self._hashes[place] == wanted:
            position = int(self._order[place])
            if self._strings[position] == string:
                return position
            place += 1
        return -1
