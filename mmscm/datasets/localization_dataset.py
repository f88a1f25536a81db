"""Serialize the samples of a data set one after the other."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable

import numpy as np
from mmpretrain.datasets import BaseDataset

from .annotations import AnnotationError


class LocalizationDataset(BaseDataset):
    """A data set whose ``load_data_list`` yields one sample at a time.

    The host serializes a list of all samples, which for the 1.28 million of
    ILSVRC takes a gigabyte on the way.
    """

    def full_init(self) -> None:
        """Read the annotations, once."""
        super().full_init()
        if not len(self):
            source = self.ann_file or self.img_prefix
            raise AnnotationError(f'{source}: Expected images, but got none.')

    def filter_data(self) -> Iterable[dict]:
        """All samples; as a list where the host takes some or keeps them."""
        if self.serialize_data and self._indices is None:
            return self.data_list
        return list(self.data_list)

    def _serialize_data(self) -> tuple[np.ndarray, np.ndarray]:
        data, ends = bytearray(), array('q')
        for sample in self.data_list:
            data += pickle.dumps(sample, protocol=4)
            ends.append(len(data))
        self.data_list = []
        return np.frombuffer(data, np.uint8), np.frombuffer(ends, np.int64)
