"""Reading predictions and ground truth from a data sample."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch


class SampleView:
    """The fields of one data sample that metrics read, checked on access.

    Args:
        data (Mapping): A ``DataSample`` as a dict (``to_dict``).
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    @cached_property
    def name(self) -> str:
        """What error messages call the image."""
        for key in ('img_path', 'sample_idx', 'img_id'):
            if self._data.get(key) is not None:
                return f'{key} {self._data[key]}'
        return 'without img_path'

    @cached_property
    def img_shape(self) -> tuple[int, int]:
        """Height and width of the network input in pixels."""
        height, width = self._field('img_shape')[:2]
        return int(height), int(width)

    @cached_property
    def gt_label(self) -> int:
        label = self._array('gt_label').reshape(-1)
        if len(label) != 1:
            raise ValueError(
                f'Expected one `gt_label` for the image {self.name}, but got '
                f'{label.tolist()}.'
            )
        return int(label[0])

    @cached_property
    def gt_bboxes(self) -> np.ndarray:
        """True boxes xyxy in pixels of the network input, shape (M, 4)."""
        boxes = self._array('gt_bboxes').astype(np.float64)
        if boxes.ndim != 2 or boxes.shape[1] != 4 or not len(boxes):
            raise ValueError(
                'Expected `gt_bboxes` of shape (M, 4) with M >= 1 for the '
                f'image {self.name}, but got shape {boxes.shape}.'
            )
        return boxes

    @cached_property
    def gt_mask(self) -> np.ndarray:
        """1 object, 0 background, 255 ignore, shape (H, W)."""
        mask = self._array('gt_mask')
        if mask.shape != self.img_shape:
            raise ValueError(
                f'Expected `gt_mask` of shape {self.img_shape}, the size of '
                f'the network input, for the image {self.name}, but got '
                f'shape {mask.shape}.'
            )
        return mask

    @cached_property
    def ranking(self) -> np.ndarray:
        """Classes, the most probable first, shape (C,)."""
        scores = self._array('pred_score')
        return np.argsort(-scores, kind='stable')

    def patch_map(self, label: int) -> np.ndarray:
        """Localization map of a class, float32, at patch resolution."""
        labels = self._map_labels
        if label not in labels:
            raise ValueError(
                f'Expected a localization map of class {label} for the image '
                f'{self.name}, but got those of {labels}.'
            )
        patch_map = self._localization_maps[labels.index(label)]
        if not np.isfinite(patch_map).all():
            raise ValueError(
                f'Expected finite `localization_maps` for the image '
                f'{self.name}, but got NaN or infinity in that of class '
                f'{label}.'
            )
        return patch_map

    @cached_property
    def _map_labels(self) -> list[int]:
        return self._array('map_labels').tolist()

    @cached_property
    def _localization_maps(self) -> np.ndarray:
        return self._array('localization_maps')

    def _array(self, key: str) -> np.ndarray:
        return _to_numpy(self._field(key))

    def _field(self, key: str) -> Any:
        if self._data.get(key) is None:
            raise ValueError(
                f'Expected `{key}` in the data sample of the image '
                f'{self.name}, but got none. Present: {sorted(self._data)}.'
            )
        return self._data[key]


def _to_numpy(values: Any) -> np.ndarray:
    if not isinstance(values, torch.Tensor):
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if values.is_floating_point() else values).numpy()
