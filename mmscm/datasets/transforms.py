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
MASKS = {'gt_mask', 'pseudo_mask'}  # they move with the pixels


@TRANSFORMS.register_module()
class Resize(mmcv.transforms.Resize):
    """The host's Resize, with masks and with the field's rounding.

    Boxes are ``x * new / old``, computed in this order: the protocols
    truncate it to whole pixels, and multiplying by a rounded ``new / old``
    would lose a pixel where the product is whole (125 * (224 / 500)).
    """

    def transform(self, results: dict) -> dict:
        """Resize ``img``, ``gt_bboxes`` and masks (nearest)."""
        old_height, old_width = results['img'].shape[:2]
        boxes = results.pop('gt_bboxes', None)
        results = super().transform(results)
        height, width = results['img_shape']
        if boxes is not None:
            size = np.array([width, height] * 2, np.float64)
            boxes = boxes * size / np.array([old_width, old_height] * 2)
            if self.clip_object_border:
                boxes = boxes.clip(0, size)
            results['gt_bboxes'] = boxes.astype(np.float32)
        for key in MASKS & results.keys():
            results[key] = nearest_resize(results[key], (height, width))
        return results


@TRANSFORMS.register_module()
class RandomFlip(mmcv.transforms.RandomFlip):
    """The host's RandomFlip, with masks."""

    def _flip(self, results: dict) -> None:
        super()._flip(results)
        for key in MASKS & results.keys():
            flipped = mmcv.imflip(
                results[key], direction=results['flip_direction']
            )
            # torch refuses the negative strides of a flipped view
            results[key] = np.ascontiguousarray(flipped)


@TRANSFORMS.register_module()
class RandomCrop(host.RandomCrop):
    """The host's RandomCrop without padding, with boxes and masks.

    Boxes are moved and clipped to the crop of ``crop_size`` pixels, a side or
    (height, width); those with no area left in it are removed.
    """

    def __init__(self, crop_size: int | tuple[int, int]) -> None:
        super().__init__(crop_size)

    def transform(self, results: dict) -> dict:
        """Crop ``img``, ``gt_bboxes`` and masks at one random place."""
        return cropped(results, *self.rand_crop_params(results['img']))


@TRANSFORMS.register_module()
class RandomResizedCrop(host.RandomResizedCrop):
    """The host's RandomResizedCrop, with ``gt_bboxes`` and masks.

    Boxes are clipped to the crop. One that leaves no box is drawn again, ten
    times (``max_attempts``) at most; then the whole image is taken. Arguments
    are those of the host's: ``scale``, side in pixels.
    """

    def transform(self, results: dict) -> dict:
        """Crop and resize ``img``, ``gt_bboxes`` and masks."""
        for _ in range(self.max_attempts):
            params = self.rand_crop_params(results['img'])
            crop = cropped(results, *params)
            boxes = crop.get('gt_bboxes')
            if boxes is None or len(boxes):
                break
        else:
            crop = results
        resize = Resize(self.scale[::-1], interpolation=self.interpolation)
        return resize(crop)


def cropped(
    results: dict, top: int, left: int, height: int, width: int
) -> dict:
    """A sample whose pixels, boxes and mask are those of a window."""
    window = slice(top, top + height), slice(left, left + width)
    crop = dict(results, img=results['img'][window], img_shape=(height, width))
    if results.get('gt_bboxes') is not None:
        corner = np.array([left, top] * 2, np.float32)
        size = np.array([width, height] * 2, np.float32)
        boxes = (results['gt_bboxes'] - corner).clip(0, size)
        left_over = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        crop['gt_bboxes'] = boxes[left_over]
    for key in MASKS & results.keys():
        crop[key] = results[key][window]
    return crop


@TRANSFORMS.register_module()
class LoadLocalizationMask(BaseTransform):
    """Files of masks -> ``gt_mask``: object 1, background 0, ignore 255.

    The convention of wsolevaluation: every file is resized on its own
    (nearest; the masks need not have the size of the image), the object is
    the union of the instances, and the object wins where the region to
    ignore covers it. Stands after ``Resize`` in a pipeline.

    Needs ``mask_paths`` and ``img_shape``, takes ``ignore_path``; adds
    ``gt_mask`` (uint8, (H, W)).
    """

    def transform(self, results: dict) -> dict:
        """Load the masks of one sample."""
        shape = results['img_shape'][:2]
        masks = [read_mask(path, shape) for path in results['mask_paths']]
        mask = np.any(masks, axis=0).astype(np.uint8)
        if results.get('ignore_path'):
            ignore = read_mask(results['ignore_path'], shape)
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
