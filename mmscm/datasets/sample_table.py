"""Samples of a data set as columns, a dict each on demand."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from .packed_list import DictList, StringList


class SampleTable(Sequence):
    """Reads like a list of dicts and takes the memory of a text file.

    Args:
        prefix (str): What comes before an id in the path of an image.
        ids (StringList): Paths of N images.
        labels (array): Their classes, N whole numbers.
        targets (DictList, optional): Further keys of each sample.
    """

    def __init__(
        self,
        prefix: str,
        ids: StringList,
        labels: array,
        targets: DictList | None = None,
    ) -> None:
        self.prefix = prefix
        self.ids = ids
        self.labels = labels
        self.targets = targets

    def take(self, indices: Iterable[int]) -> SampleTable:
        """Those samples, in that order."""
        indices = list(indices)
        labels = array(self.labels.typecode, (self.labels[i] for i in indices))
        targets = None if self.targets is None else self.targets.take(indices)
        return SampleTable(
            self.prefix, self.ids.take(indices), labels, targets
        )

    @property
    def nbytes(self) -> int:
        """Size of all columns."""
        size = self.ids.nbytes + len(self) * self.labels.itemsize
        return size + (0 if self.targets is None else self.targets.nbytes)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int | slice) -> dict | SampleTable:
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        targets = {} if self.targets is None else self.targets[index]
        return dict(
            img_path=self.prefix + self.ids[index],
            gt_label=self.labels[index],
            **targets,
        )
