"""CUB-200-2011 with its boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmscm.registry import DATASETS

from .annotations import (
    check_box,
    check_path,
    check_same_ids,
    parse_number,
    read_class_names,
    read_table,
)
from .localization_dataset import LocalizationDataset

SPLITS = {'train': '1', 'test': '0'}  # as in train_test_split.txt


@DATASETS.register_module()
class CUBLocalization(LocalizationDataset):
    """The directory CUB_200_2011 as distributed.

    Reads ``images.txt``, ``image_class_labels.txt``, ``classes.txt``,
    ``train_test_split.txt``, ``bounding_boxes.txt`` and ``images/``.

    Args:
        data_root (str): The directory.
        split (str): 'train' (5,994 images) or 'test' (5,794).
        **kwargs: Arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int from 0) and ``gt_bboxes``
    (float32 xyxy, pixels of the original image, (1, 4)).
    """

    def __init__(self, data_root: str, split: str = 'train', **kwargs) -> None:
        if split not in SPLITS:
            raise ValueError(
                f'Expected `split` in {tuple(SPLITS)}, but got {split!r}. '
                'CUB has no val split; CUBV2 is one, see `WSOLMetadata`.'
            )
        self.split = split
        super().__init__(
            ann_file='images.txt',
            data_root=data_root,
            data_prefix='images',
            classes=read_class_names(Path(data_root) / 'classes.txt'),
            **kwargs,
        )

    def load_data_list(self) -> Iterator[dict]:
        """One sample for each image of the split, in the order of the file."""
        paths = self._read('images.txt', check_path)
        labels = self._read('image_class_labels.txt', self._parse_label, paths)
        splits = self._read('train_test_split.txt', _parse_split, paths)
        boxes = self._read('bounding_boxes.txt', _parse_box, paths)
        for number, path in paths.items():
            if splits[number] == SPLITS[self.split]:
                yield dict(
                    img_path=f'{self.img_prefix}/{path}',
                    gt_label=labels[number],
                    gt_bboxes=boxes[number],
                )

    def _read(
        self,
        name: str,
        parse_value: Callable[[str], Any],
        paths: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Lines ``number value`` -> parsed value of each image number."""

        def parse(text: str) -> tuple[str, Any]:
            number, *value = text.split(maxsplit=1)
            if not value:
                raise ValueError('Expected the number of an image and a value')
            return number, parse_value(*value)

        path = Path(self.data_root) / name
        values = read_table(path, parse)
        check_same_ids(path, paths or values, values)
        return values

    def _parse_label(self, text: str) -> int:
        label = parse_number(int, text, 'a whole label')
        if not 1 <= label <= len(self.CLASSES):
            raise ValueError(f'Expected a label in [1, {len(self.CLASSES)}]')
        return label - 1


def _parse_split(text: str) -> str:
    if text not in SPLITS.values():
        raise ValueError('Expected 1 (train) or 0 (test)')
    return text


def _parse_box(text: str) -> np.ndarray:
    """``x y width height`` -> float32 xyxy, shape (1, 4)."""
    fields = text.split()
    if len(fields) != 4:
        raise ValueError('Expected `number x y width height`')
    x, y, w, h = (parse_number(float, field, 'numbers') for field in fields)
    return np.array([check_box([x, y, x + w, y + h])], np.float32)
