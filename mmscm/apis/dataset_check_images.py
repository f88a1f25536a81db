"""One image after the other, read as a training reads it."""

from __future__ import annotations

from typing import NamedTuple

from mmengine.dataset import BaseDataset
from PIL import Image
from torch.utils.data import Dataset

from mmscm.datasets import LoadImage
from mmscm.datasets.box_rules import lies_in
from mmscm.datasets.mask_loading import read_mask
from mmscm.datasets.problems import AnnotationError, DataError, ImageError

ORIENTATION = 0x0112  # the EXIF tag; 1 is upright


class CheckedImage(NamedTuple):
    """What one image is like.

    Args:
        size (tuple[int, int] | None): (height, width) in pixels; None where
            it cannot be read or is drawn.
        rotated (bool): EXIF asks for a rotation, which is not applied.
        problems (list[DataError]): What is wrong with it.
    """

    size: tuple[int, int] | None
    rotated: bool
    problems: list[DataError]


class CheckedImages(Dataset):
    """The images of a data set, for the workers of a loader.

    Args:
        dataset (BaseDataset): Read, with ``LoadImage`` in its pipeline or
            without; then the loader's defaults are taken.
    """

    def __init__(self, dataset: BaseDataset) -> None:
        self.dataset = dataset
        steps = dataset.pipeline.transforms
        loaders = [step for step in steps if isinstance(step, LoadImage)]
        self.load = (loaders or [LoadImage()])[0]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> CheckedImage:
        sample = self.dataset.get_data_info(index)
        if 'img_path' not in sample:
            return CheckedImage(None, False, [])
        return check_image(sample, self.load)


def check_image(sample: dict, load: LoadImage) -> CheckedImage:
    """Read an image and its masks, and compare sizes and boxes to it.

    Args:
        sample (dict): As data sets give it.
        load (LoadImage): The first step of the pipeline.
    """
    path = sample['img_path']
    try:
        size = load(dict(img_path=path))['img'].shape[:2]
    except ImageError as error:
        return CheckedImage(None, False, [error])
    problems = _wrong_size(sample, size) + _wrong_boxes(sample, size)
    for mask in _masks(sample):
        try:
            read_mask(mask, size)
        except ImageError as error:
            problems.append(error)
    return CheckedImage(size, _is_rotated(path), problems)


def _wrong_size(sample: dict, size: tuple[int, int]) -> list[DataError]:
    listed = tuple(sample.get('ori_shape', size))
    if listed == size:
        return []
    message = (
        f'Expected {listed[1]} x {listed[0]} pixels, as listed with the '
        f'boxes, but the image as stored has {size[1]} x {size[0]}.'
    )
    return [AnnotationError.at(sample['img_path'], message)]


def _wrong_boxes(sample: dict, size: tuple[int, int]) -> list[DataError]:
    return [
        AnnotationError.at(
            sample['img_path'],
            f'Expected boxes within {size[1]} x {size[0]} pixels, but got '
            f'{box.tolist()}.',
        )
        for box in sample.get('gt_bboxes', ())
        if not lies_in(box, size)
    ]


def _masks(sample: dict) -> list[str]:
    ignored = [sample['ignore_path']] if 'ignore_path' in sample else []
    return [*sample.get('mask_paths', ()), *ignored]


def _is_rotated(path: str) -> bool:
    try:
        with Image.open(path) as image:
            return image.getexif().get(ORIENTATION, 1) != 1
    except OSError:  # a format that Pillow does not know, or no local file
        return False
