"""CUB-200-2011 with its boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmscm.registry import DATASETS

from .annotations import (
    check_path,
    check_same_ids,
    parse_box,
    parse_label,
    parse_number,
    read_class_names,
    read_table,
)
from .localization_dataset import LocalizationDataset

SPLITS = ('test', 'train')  # 0 and 1 in train_test_split.txt


@DATASETS.register_module()
class CUBLocalization(LocalizationDataset):
    """The directory CUB_200_2011 as distributed.

    Reads ``images.txt``, ``image_class_labels.txt``, ``classes.txt``,
    ``train_test_split.txt``, ``bounding_boxes.txt`` and ``images/`` of
    ``data_root``; ``split`` is 'train' (5,994 images) or 'test' (5,794), other
    arguments are those of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int from 0) and ``gt_bboxes``
    (float32 xyxy, pixels of the original image, (1, 4)).
    """

    def __init__(self, data_root: str, split: str = 'train', **kwargs) -> None:
        if split not in SPLITS:
            raise ValueError(
                f'Expected `split` in {SPLITS}, but got {split!r}. '
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
        paths: dict[str, str] = {}

        def read(name: str, form: str, parse: Callable) -> dict[str, Any]:
            """Parsed value of each image number."""
            path = Path(self.data_root) / name
            table = read_table(path, form, lambda key, *v: (key, parse(*v)))
            check_same_ids(path, paths or table, table)
            return table

        def class_of(text: str) -> int:
            return parse_label(text, len(self.CLASSES), first=1)

        def split_of(text: str) -> str:
            return SPLITS[parse_label(text, len(SPLITS))]

        paths |= read('images.txt', 'number path', check_path)
        labels = read('image_class_labels.txt', 'number label', class_of)
        splits = read('train_test_split.txt', 'number split', split_of)
        boxes = read('bounding_boxes.txt', 'number x y width height', box_of)
        for number, path in paths.items():
            if splits[number] == self.split:
                yield dict(
                    img_path=f'{self.img_prefix}/{path}',
                    gt_label=labels[number],
                    gt_bboxes=boxes[number],
                )


def box_of(*sides: str) -> np.ndarray:
    """``x, y, width, height`` -> float32 xyxy, shape (1, 4)."""
    x, y, w, h = (parse_number(float, side, 'numbers') for side in sides)
    return np.array([parse_box([x, y, x + w, y + h])], np.float32)
