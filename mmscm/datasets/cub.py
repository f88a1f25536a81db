"""CUB-200-2011 with its boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmscm.registry import DATASETS

from .box_annotations import check_same_ids, read_class_names
from .box_rules import check_box
from .localization_dataset import LocalizationDataset
from .needed_paths import ANNOTATIONS, CLASS_NAMES, FOLDER, NeededPath
from .text_lines import Line, add_unique, check_relative, each_line

SPLITS = {'train': 1, 'test': 0}  # as in train_test_split.txt
LISTS = (
    'images.txt',
    'image_class_labels.txt',
    'train_test_split.txt',
    'bounding_boxes.txt',
)


@DATASETS.register_module()
class CUBLocalization(LocalizationDataset):
    """The directory CUB_200_2011 as distributed.

    Reads ``images.txt``, ``image_class_labels.txt``, ``classes.txt``,
    ``train_test_split.txt``, ``bounding_boxes.txt`` and ``images/``.

    Args:
        data_root (str): The directory.
        split (str): 'train' (5,994 images) or 'test' (5,794).
        **kwargs: ``skip_bad_images``, see
            :class:`~mmscm.datasets.localization_dataset.LocalizationDataset`,
            and arguments of the host's ``BaseDataset``.

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
            ann_file=LISTS[0],
            data_root=data_root,
            data_prefix='images',
            classes=read_class_names(Path(data_root) / 'classes.txt'),
            **kwargs,
        )

    @classmethod
    def needed_paths(cls, data_root: str, **_: Any) -> Iterator[NeededPath]:
        """The directory and what it has; see ``LocalizationDataset``."""
        root = Path(data_root)
        needed = partial(NeededPath, 'data_root', str(data_root))
        yield needed(root, FOLDER)
        yield needed(root / 'classes.txt', CLASS_NAMES)
        for name in LISTS:
            yield needed(root / name, ANNOTATIONS)
        yield needed(root / 'images', FOLDER)

    def load_data_list(self) -> list[dict]:
        """One dict for each image of the split, in the order of the file."""
        seen: dict[str, None] = {}

        def new_path(line: Line, path: str) -> str:
            add_unique(line, seen, check_relative(line, path), None)
            return path

        images_txt, labels_txt, split_txt, boxes_txt = LISTS
        paths = self._read(images_txt, new_path)
        labels = self._read(labels_txt, self._label, paths)
        splits = self._read(split_txt, _split_flag, paths)
        boxes = self._read(boxes_txt, _box, paths)
        wanted = SPLITS[self.split]
        return [
            dict(
                img_path=f'{self.img_prefix}/{path}',
                gt_label=labels[number],
                gt_bboxes=boxes[number],
            )
            for number, path in paths.items()
            # collected problems leave out lines
            if splits.get(number) == wanted
            and number in labels
            and number in boxes
        ]

    def _read(
        self, name: str, parse: Callable, same_as: dict | None = None
    ) -> dict:
        """Lines ``number value`` -> parsed value of each image number."""
        path = Path(self.data_root) / name
        values: dict = {}

        def use(line: Line) -> None:
            number, *value = line.text.split(maxsplit=1)
            if not value:
                line.fail('the number of an image and a value')
            add_unique(line, values, number, parse(line, *value))

        each_line(path, use)
        if same_as is not None:
            check_same_ids(path, same_as, values)
        return values

    def _label(self, line: Line, text: str) -> int:
        label = line.parse(int, text, 'a whole label')
        if not 1 <= label <= len(self.CLASSES):
            line.fail(f'a label in [1, {len(self.CLASSES)}]')
        return label - 1


def _split_flag(line: Line, text: str) -> int:
    if text not in ('0', '1'):
        line.fail('1 (train) or 0 (test)')
    return int(text)


def _box(line: Line, text: str) -> np.ndarray:
    """``x y width height`` -> float32 xyxy, shape (1, 4)."""
    fields = text.split()
    if len(fields) != 4:
        line.fail('`number x y width height`')
    x, y, w, h = (line.parse(float, f, 'numbers') for f in fields)
    return np.array([check_box(line, [x, y, x + w, y + h])], np.float32)
