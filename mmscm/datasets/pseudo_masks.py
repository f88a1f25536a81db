"""Store and load the masks that one model makes for another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmscm.functional.gaussian_prior import BACKGROUND, IGNORE, OBJECT
from mmscm.registry import TRANSFORMS

from .load_image import read_image
from .transforms import nearest_resize

GREY = {BACKGROUND: 0, IGNORE: 128, OBJECT: 255}  # levels of the files


@TRANSFORMS.register_module()
class LoadPseudoMask(BaseTransform):
    """What a model takes for the object, of tools/pseudo_masks.py.

    Adds ``pseudo_mask`` (uint8, (H, W)): 1 object, 0 background, 255 neither.
    No metric takes it for the truth. Stands after ``Resize`` in a pipeline.

    Args:
        folder (str): Of the masks; see :func:`pseudo_mask_path`.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def transform(self, results: dict) -> dict:
        """Load the mask of one sample, resized to the image (nearest)."""
        path = pseudo_mask_path(self.folder, results)
        if not path.is_file():
            raise FileNotFoundError(
                f'{path}: Expected a pseudo mask, but there is no file. '
                'tools/pseudo_masks.py writes those of the train split.'
            )
        grey = read_image(str(path), 'grayscale_ignore_orientation')
        if other := {*np.unique(grey).tolist()} - {*GREY.values()}:
            raise ValueError(
                f'{path}: Expected the grey levels {[*GREY.values()]} of a '
                f'pseudo mask, but got {sorted(other)[:5]}.'
            )
        mask = np.zeros_like(grey)
        for value, level in GREY.items():
            mask[grey == level] = value
        mask = nearest_resize(mask, results['img_shape'][:2])
        return dict(results, pseudo_mask=mask)


def write_pseudo_mask(path: Path, mask: np.ndarray) -> None:
    """A mask of 1 object, 0 background, 255 neither as PNG; (H, W)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.select([mask == value for value in GREY], [*GREY.values()])
    if not cv2.imwrite(str(path), levels.astype(np.uint8)):
        raise OSError(f'{path}: Expected to write a mask, but could not.')


def pseudo_mask_path(folder: str | Path, sample: Mapping[str, Any]) -> Path:
    """The PNG of an image, by the name of its file and the folder around it.

    An image that is no file has ``sample_idx`` in place of ``img_path``.
    """
    if sample.get('img_path') is None:
        return Path(folder, f'{sample["sample_idx"]}.png')
    image = PurePath(sample['img_path'])
    return Path(folder, image.parent.name, f'{image.stem}.png')
