"""Read the prediction and the ground truth of an image from a data sample."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn

import cv2
import numpy as np
import torch
from torch.utils.weak import WeakIdKeyDictionary

from mmscm.functional.boxes import (
    LevelBoxes,
    ThresholdedMap,
    component_boxes,
    finish_boxes,
    quantize,
)

from .protocols import Protocol

_RESIZE_MODES = {'bilinear': cv2.INTER_LINEAR, 'bicubic': cv2.INTER_CUBIC}
# The metrics of an evaluator get the same samples one after the other and
# share the thresholded maps of each, as long as its maps exist.
_thresholded_maps = WeakIdKeyDictionary()


class SampleView:
    """The fields of one data sample that metrics read, checked on access.

    Args:
        data (Mapping): A ``DataSample`` as a dict (``to_dict``). The maps of
            its ``map_labels`` are ``localization_maps``, shape (K, h, w), or
            ready ``score_maps`` in [0, 1], shape (K, H, W). ``pred_bboxes``
            in pixels of the network input replace the boxes of maps: shape
            (K, 4), or (1, 4) without ``map_labels``, one box for all classes.
            Without labels the first map is that of all classes, too.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    @property
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
            self._refuse('one `gt_label`', label.tolist())
        return int(label[0])

    @cached_property
    def gt_bboxes(self) -> np.ndarray:
        """True boxes xyxy in pixels of the network input, shape (M, 4)."""
        boxes = self._array('gt_bboxes').astype(np.float64)
        if boxes.ndim != 2 or boxes.shape[1] != 4 or not len(boxes):
            expected = '`gt_bboxes` of shape (M, 4) with M >= 1'
            self._refuse(expected, f'shape {boxes.shape}')
        return boxes

    @cached_property
    def gt_mask(self) -> np.ndarray:
        """1 object, 0 background, 255 ignore, shape (H, W)."""
        mask = self._array('gt_mask')
        if mask.shape != self.img_shape:
            size = f'{self.img_shape}, the size of the network input,'
            self._refuse(f'`gt_mask` of shape {size}', f'shape {mask.shape}')
        return mask

    @cached_property
    def ranking(self) -> np.ndarray:
        """Classes, the most probable first, shape (C,)."""
        return np.argsort(-self._array('pred_score'), kind='stable')

    @property
    def predicted_label(self) -> int:
        """The most probable class; where nothing classifies, the true one."""
        classified = self._data.get('pred_score') is not None
        return int(self.ranking[0]) if classified else self.gt_label

    def localized_label(self, protocol: Protocol) -> int:
        """The class whose map the protocol scores as GT-Known."""
        predicted = protocol.gt_known_map == 'predicted'
        return int(self.ranking[0]) if predicted else self.gt_label

    def patch_map(self, label: int) -> np.ndarray:
        """Localization map of a class, float32, at patch resolution."""
        return self._map_of(label, 'localization_maps')

    def score_map(self, label: int, protocol: Protocol) -> np.ndarray:
        """Score map of a class in [0, 1], shape (H, W) of the network input.

        Ready ``score_maps`` are taken as they are.
        """
        if self._maps_key == 'score_maps':
            return self._map_of(label, 'score_maps')
        plane, mode = self.patch_map(label), protocol.resize_mode
        if protocol.resize_first:
            return score_map_from(plane, self.img_shape, mode)
        return _resized(_normalized(plane), self.img_shape, mode)

    @property
    def has_boxes(self) -> bool:
        """Does the model predict boxes, without thresholds."""
        return self._data.get('pred_bboxes') is not None

    @property
    def has_maps(self) -> bool:
        """Does the model predict maps."""
        return self._data.get(self._maps_key) is not None

    def level_boxes(
        self,
        label: int,
        protocol: Protocol,
        cam_thrs: np.ndarray,
        all_contours: bool = False,
    ) -> LevelBoxes:
        """Boxes of the map of a class as a protocol has them.

        At T thresholds, float64; of all contours, or of the largest.
        """
        if self.has_boxes:  # whatever the threshold
            row = self._place_of(label)
            boxes = self._array('pred_bboxes').astype(np.float64)
            same = np.zeros(len(cam_thrs), np.int64)
            found = LevelBoxes(boxes[row : row + 1], same[:1], same)
        elif protocol.component == 'pixels':
            scores = self.score_map(label, protocol)
            found = component_boxes(scores, cam_thrs)
        else:
            cut = self._thresholded(label, protocol, cam_thrs)
            found = cut.all_contours if all_contours else cut.largest
        rules = protocol.clip_boxes, protocol.empty_box
        boxes = finish_boxes(found.boxes, self.img_shape, *rules)
        return found._replace(boxes=boxes)

    def _thresholded(
        self, label: int, protocol: Protocol, cam_thrs: np.ndarray
    ) -> ThresholdedMap:
        maps = self._field(self._maps_key)
        shared = _thresholded_maps.setdefault(maps, {})
        resized = protocol.resize_mode, protocol.resize_first
        key = label, self.img_shape, resized, cam_thrs.tobytes()
        if key not in shared:
            scores = self.score_map(label, protocol)
            shared[key] = ThresholdedMap(quantize(scores), cam_thrs)
        return shared[key]

    def boxes(
        self, label: int, protocol: Protocol, cam_thrs: np.ndarray
    ) -> np.ndarray:
        """Box of the largest contour at each threshold, xyxy, (T, 4)."""
        found = self.level_boxes(label, protocol, cam_thrs)
        return found.boxes[found.level_of_thr]

    def true_boxes(self, protocol: Protocol) -> np.ndarray:
        """True boxes as a protocol reads them, whole pixels, (M, 4)."""
        return protocol.true_boxes(self.gt_bboxes, self.img_shape)

    @cached_property
    def _maps_key(self) -> str:
        ready = self._data.get('score_maps') is not None
        return 'score_maps' if ready else 'localization_maps'

    def _map_of(self, label: int, key: str) -> np.ndarray:
        plane = _to_numpy(self._field(key)[self._place_of(label)])
        if not np.isfinite(plane).all():
            got = f'NaN or infinity in that of class {label}'
            self._refuse(f'finite `{key}`', got)
        return plane

    def _place_of(self, label: int) -> int:
        if self._data.get('map_labels') is None:  # one map for all classes
            return 0
        labels = self._array('map_labels').tolist()
        if label not in labels:
            expected = f'a localization map of class {label}'
            self._refuse(expected, f'those of {labels}')
        return labels.index(label)

    def _array(self, key: str) -> np.ndarray:
        return _to_numpy(self._field(key))

    def _field(self, key: str) -> Any:
        if self._data.get(key) is None:
            got = f'none. Present: {sorted(self._data)}'
            if key.startswith('gt_') and 'pseudo_bboxes' in self._data:
                got += '; what `dataset.pseudo_boxes` names is no truth'
            self._refuse(f'`{key}` in the data sample', got)
        return self._data[key]

    def _refuse(self, expected: str, got: object) -> NoReturn:
        raise ValueError(
            f'Expected {expected} for the image {self.name}, but got {got}.'
        )


def score_map_from(
    patch_map: np.ndarray, size: tuple[int, int], resize_mode: str
) -> np.ndarray:
    """Score map in [0, 1] of a map (h, w), enlarged to a size (H, W).

    Resized by OpenCV as the released evaluators do: torch's last bits
    differ, which moves pixels between the bins of PxAP. ``resize_mode`` is
    'bilinear' or 'bicubic'; a constant map gives zeros.
    """
    return _normalized(_resized(patch_map, size, resize_mode))


def _resized(
    plane: np.ndarray, size: tuple[int, int], mode: str
) -> np.ndarray:
    return cv2.resize(plane, size[::-1], interpolation=_RESIZE_MODES[mode])


def _normalized(plane: np.ndarray) -> np.ndarray:
    scores = plane - plane.min()
    spread = scores.max()
    return scores / spread if spread > 0 else scores


def _to_numpy(values: Any) -> np.ndarray:
    if not isinstance(values, torch.Tensor):
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if values.is_floating_point() else values).numpy()
