"""Serialize samples one by one; refuse pipelines that leave boxes behind."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
from mmcv.transforms import CenterCrop
from mmpretrain.datasets import BaseDataset
from mmpretrain.datasets import transforms as host

from .annotations import AnnotationError
from .transforms import LoadLocalizationMask

CROPS = (
    *(CenterCrop, host.RandomCrop, host.RandomResizedCrop),
    host.EfficientNetCenterCrop,
)
# of the host, and not what derives from them here: boxes stay as they are
LEAVING_BOXES = {
    *(host.ResizeEdge, host.RandomCrop, host.RandomResizedCrop),
    *(host.EfficientNetCenterCrop, host.EfficientNetRandomCrop),
}


class LocalizationDataset(BaseDataset):
    """A data set whose ``load_data_list`` yields one sample at a time.

    The host serializes a list of all samples, which for the 1.28 million of
    ILSVRC takes a gigabyte on the way. A pipeline that moves pixels and
    leaves the packed boxes or masks where they are is a ValueError.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _check_pipeline(self.pipeline.transforms)

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


def _check_pipeline(steps: list) -> None:
    """Refuse steps after which boxes or masks are not those of the pixels."""
    keys = {
        key for step in steps for key in vars(step).get('algorithm_keys', ())
    }
    kinds = [type(step) for step in steps]
    bad = [step for step in kinds if step in LEAVING_BOXES]
    if bad and {'gt_bboxes', 'pseudo_bboxes'} & keys:
        raise ValueError(
            'Expected steps of `pipeline` that move boxes with the pixels, '
            f'such as mmscm.Resize, but got {bad[0].__name__} of the host.'
        )
    if LoadLocalizationMask in kinds:
        before = kinds[: kinds.index(LoadLocalizationMask)]
        crop = next((k for k in before if issubclass(k, CROPS)), None)
        if crop is not None:
            raise ValueError(
                'Expected LoadLocalizationMask in `pipeline` before the image '
                f'is cropped, but got it after {crop.__name__}.'
            )
