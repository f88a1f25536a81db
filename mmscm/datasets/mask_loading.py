"""Masks of OpenImages30k: instances and a region to ignore."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform

from mmscm.registry import TRANSFORMS

from .load_image import check_header, decode, read_file
from .transforms import nearest_resize

IGNORE = 255


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

    Needs ``mask_paths``, ``ignore_path`` and ``img_shape``; adds
    ``gt_mask`` (uint8, (H, W)).
    """

    def __init__(self, scale: tuple[int, int] | None = None) -> None:
        self.scale = scale

    def transform(self, results: dict) -> dict:
        """Load the masks of one sample."""
        shape = self.scale[::-1] if self.scale else results['img_shape']
        masks = [read_mask(p, shape[:2]) for p in results['mask_paths']]
        mask = np.any(masks, axis=0).astype(np.uint8)
        ignore = read_mask(results['ignore_path'], shape[:2])
        mask[ignore & (mask == 0)] = IGNORE
        results['gt_mask'] = mask
        return results


def read_mask(path: str, shape: tuple[int, int]) -> np.ndarray:
    """Where an image file is not black, resized; bool, shape ``shape``."""
    content = read_file(path)
    check_header(path, content, 'cv2')
    mask = decode(path, content, 'grayscale_ignore_orientation', 'cv2')
    return nearest_resize(mask, shape) > 0
