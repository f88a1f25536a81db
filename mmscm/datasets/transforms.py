"""Resize, crop and flip boxes and masks with the pixels; load masks."""

from __future__ import annotations

import cv2
import mmcv
import mmcv.transforms
import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.datasets import transforms as host

from mmscm.registry import TRANSFORMS

from .load_image import read_image

IGNORE = 255


@TRANSFORMS.register_module()
class Resize(mmcv.transforms.Resize):
    """The host's Resize, with ``gt_mask`` and with the field's rounding.

    Boxes are ``x * new / old``, computed in this order: the protocols
    truncate it to whole pixels, and multiplying by a rounded ``new / old``
    would lose a pixel where the product is whole (125 * (224 / 500)).
    """

    def transform(self, results: dict) -> dict:
        """Resize ``img``, ``gt_bboxes`` and ``gt_mask`` (nearest)."""
        old_shape = results['img'].shape[:2]
        boxes = results.pop('gt_bboxes', None)
        results = super().transform(results)
        if boxes is not None:
            boxes = _scale_boxes(boxes, old_shape, results['img_shape'])
            results['gt_bboxes'] = self._clip(boxes, results['img_shape'])
        if results.get('gt_mask') is not None:
            results['gt_mask'] = nearest_resize(
                results['gt_mask'], results['img_shape']
            )
        return results

    def _clip(self, boxes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        if not self.clip_object_border:
            return boxes
        return boxes.clip(0, np.array(shape[::-1] * 2, boxes.dtype))


@TRANSFORMS.register_module()
class RandomFlip(mmcv.transforms.RandomFlip):
    """The host's RandomFlip, with ``gt_mask``."""

    def _flip(self, results: dict) -> None:
        super()._flip(results)
        if results.get('gt_mask') is not None:
            flipped = mmcv.imflip(
                results['gt_mask'], direction=results['flip_direction']
            )
            # torch refuses the negative strides of a flipped view
            results['gt_mask'] = np.ascontiguousarray(flipped)


@TRANSFORMS.register_module()
class RandomCrop(host.RandomCrop):
    """The host's RandomCrop without padding, with ``gt_bboxes``, ``gt_mask``.

    Boxes are moved and clipped to the crop; those with no area left in it
    are removed.

    Args:
        crop_size (int | Sequence[int]): Side, or (height, width), pixels.
    """

    def __init__(self, crop_size: int | tuple[int, int]) -> None:
        super().__init__(crop_size)

    def transform(self, results: dict) -> dict:
        """Crop ``img``, ``gt_bboxes`` and ``gt_mask`` at one random place."""
        top, left, height, width = self.rand_crop_params(results['img'])
        rows, columns = slice(top, top + height), slice(left, left + width)
        results['img'] = results['img'][rows, columns]
        results['img_shape'] = (height, width)
        if results.get('gt_bboxes') is not None:
            results['gt_bboxes'] = _crop_boxes(
                results['gt_bboxes'], left, top, width, height
            )
        if results.get('gt_mask') is not None:
            results['gt_mask'] = results['gt_mask'][rows, columns]
        return results


@TRANSFORMS.register_module()
class LoadLocalizationMask(BaseTransform):
    """Files of masks -> ``gt_mask``: object 1, background 0, ignore 255.

    The convention of wsolevaluation: every file is resized on its own
    (nearest; the masks need not have the size of the image), the object is
    the union of the instances, and the object wins where the region to
    ignore covers it. Stands after ``Resize`` in a pipeline.

    Args:
        scale (tuple[int, int], optional): (width, height) of ``gt_mask``,
            pixels. The size of the image when None.

    Needs ``mask_paths`` and ``img_shape``, takes ``ignore_path``; adds
    ``gt_mask`` (uint8, (H, W)).
    """

    def __init__(self, scale: tuple[int, int] | None = None) -> None:
        self.scale = scale

    def transform(self, results: dict) -> dict:
        """Load the masks of one sample."""
        shape = self.scale[::-1] if self.scale else results['img_shape']
        masks = [read_mask(p, shape[:2]) for p in results['mask_paths']]
        mask = np.any(masks, axis=0).astype(np.uint8)
        if results.get('ignore_path'):
            ignore = read_mask(results['ignore_path'], shape[:2])
            mask[ignore & (mask == 0)] = IGNORE
        results['gt_mask'] = mask
        return results


def read_mask(path: str, shape: tuple[int, int]) -> np.ndarray:
    """Where an image file is not black, resized; bool, shape ``shape``."""
    mask = read_image(path, 'grayscale_ignore_orientation')
    return nearest_resize(mask, shape) > 0


def nearest_resize(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Mask of shape ``shape`` (height, width), values kept as they are."""
    return cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_NEAREST)


def _scale_boxes(
    boxes: np.ndarray, old: tuple[int, int], new: tuple[int, int]
) -> np.ndarray:
    """Boxes (M, 4) xyxy of a (height, width) image in one of another size."""
    old_sizes = np.array(old[::-1] * 2, np.float64)
    new_sizes = np.array(new[::-1] * 2, np.float64)
    return (boxes * new_sizes / old_sizes).astype(np.float32)


def _crop_boxes(
    boxes: np.ndarray, left: int, top: int, width: int, height: int
) -> np.ndarray:
    """Boxes (M, 4) xyxy within a crop, shape (M', 4), M' <= M."""
    offset = np.array([left, top] * 2, boxes.dtype)
    size = np.array([width, height] * 2, boxes.dtype)
    cropped = (boxes - offset).clip(0, size)
    return cropped[(cropped[:, 2:] > cropped[:, :2]).all(axis=1)]
