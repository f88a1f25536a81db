"""Data sets given as text files of ids, labels, sizes and boxes or masks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from mmpretrain.datasets.categories import CUB_CATEGORIES, IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .annotations import (
    check_same_ids,
    read_boxes,
    read_class_names,
    read_ids,
    read_labels,
    read_masks,
    read_sizes,
)
from .localization_dataset import LocalizationDataset

LOCALIZATIONS = ('boxes', 'masks', 'none')
CLASS_NAMES = {'cub': CUB_CATEGORIES, 'imagenet': IMAGENET_CATEGORIES}


@DATASETS.register_module()
class WSOLMetadata(LocalizationDataset):
    """A split of CUBV2, ImageNetV2, OpenImages30k or a set written so.

    A split is a folder of text files: ``image_ids.txt`` (path of an image),
    ``class_labels.txt`` (id,label from 0), ``image_sizes.txt`` (id,width,
    height; may be empty or missing) and ``localization.txt``, which has
    either boxes (id,x0,y0,x1,y1) or masks (id,mask,ignore), one line for
    each object.

    Args:
        data_root (str): Folder of everything.
        split_folder (str): Folder of the text files, below ``data_root``.
        data_prefix (str): Folder below ``data_root`` that the ids start
            from.
        localization (str): What ``localization.txt`` has: 'boxes' or
            'masks'; 'none' leaves it unread (training needs labels only).
        classes (str | Sequence[str], optional): Names of the classes, or
            'cub' or 'imagenet' for the usual ones, or a file of them below
            ``data_root``, one a line, as
            :func:`~mmscm.datasets.annotations.read_class_names` reads it.
        num_classes (int, optional): For a set without names. Labels are
            checked against the names or this.
        pseudo_boxes (str, optional): File below ``data_root`` of lines
            id,x0,y0,x1,y1, which ``tools/infer.py --split`` writes: what a
            model takes for the objects of the images, to learn from. It may
            have further ids. Refused in test mode: it is never the truth.
        **kwargs: Arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int); with boxes ``gt_bboxes``
    (float32 xyxy, pixels of the original image, (M, 4)); with masks
    ``mask_paths`` (list[str]) and maybe ``ignore_path``; ``pseudo_bboxes``
    like ``gt_bboxes``; with all of them ``ori_shape`` (height, width) where
    the sizes are given.
    """

    def __init__(
        self,
        data_root: str,
        split_folder: str,
        data_prefix: str = '',
        localization: str = 'boxes',
        classes: str | Sequence[str] | None = None,
        num_classes: int | None = None,
        pseudo_boxes: str | None = None,
        **kwargs,
    ) -> None:
        if pseudo_boxes and kwargs.get('test_mode'):
            raise ValueError(
                'Expected no `pseudo_boxes` in a data set of `test_mode`, '
                f'where metrics compare with the truth, but got '
                f'{pseudo_boxes!r}.'
            )
        if localization not in LOCALIZATIONS:
            raise ValueError(
                f'Expected `localization` in {LOCALIZATIONS}, '
                f'but got {localization!r}.'
            )
        if isinstance(classes, str):
            classes = CLASS_NAMES.get(classes) or read_class_names(
                Path(data_root) / classes
            )
        if classes is not None and num_classes not in (None, len(classes)):
            raise ValueError(
                f'Expected `num_classes` {len(classes)}, the number of '
                f'`classes`, or none, but got {num_classes}.'
            )
        self.localization = localization
        self.pseudo_boxes = pseudo_boxes
        self.num_classes = len(classes) if classes else num_classes
        super().__init__(
            ann_file=split_folder,
            data_root=data_root,
            data_prefix=data_prefix,
            classes=classes,
            **kwargs,
        )

    def load_data_list(self) -> Iterator[dict]:
        """One sample for each line of ``image_ids.txt``, in its order."""
        folder = Path(self.ann_file)
        ids = read_ids(folder / 'image_ids.txt')
        labels = read_labels(folder / 'class_labels.txt', self.num_classes)
        check_same_ids(folder / 'class_labels.txt', ids, labels)
        targets = self._targets(folder, ids)
        ids.reverse()
        while ids:  # what is read makes room for what is kept
            key = ids.pop()
            yield dict(
                img_path=os.path.join(self.img_prefix, key),
                gt_label=labels.pop(key),
                **targets.get(key, {}),
            )

    def _targets(self, folder: Path, ids: list[str]) -> dict[str, dict]:
        """What a sample has beside path and label, by its id."""
        path = folder / 'image_sizes.txt'
        targets: dict[str, dict] = {}
        if self.localization == 'none' and not self.pseudo_boxes:
            return targets
        sizes = read_sizes(path) if path.is_file() else {}
        if self.localization != 'none':
            targets = self._objects(folder / 'localization.txt', sizes)
            check_same_ids(folder / 'localization.txt', ids, targets)
        if self.pseudo_boxes:
            for key, boxes in self._read_pseudo_boxes(ids, sizes).items():
                targets.setdefault(key, {})['pseudo_bboxes'] = boxes
        for key in targets.keys() & sizes.keys():
            targets[key]['ori_shape'] = sizes[key]
        return targets

    def _objects(self, path: Path, sizes: dict) -> dict[str, dict]:
        """Boxes or masks of every image."""
        if not path.is_file():
            raise FileNotFoundError(
                f'{path}: Expected {self.localization}, but there is no file. '
                "Training needs none: `localization='none'`."
            )
        if self.localization == 'boxes':
            boxes = read_boxes(path, sizes)
            return {key: dict(gt_bboxes=boxes[key]) for key in boxes}
        return {
            key: self._mask_target(*masks)
            for key, masks in read_masks(path).items()
        }

    def _read_pseudo_boxes(
        self, ids: list[str], sizes: dict
    ) -> dict[str, np.ndarray]:
        path = Path(self.data_root, self.pseudo_boxes)
        if not path.is_file():
            raise FileNotFoundError(
                f'{path}: Expected the boxes that `pseudo_boxes` names, but '
                'there is no file. tools/infer.py --split writes it.'
            )
        boxes = read_boxes(path, sizes)
        found = {key: boxes[key] for key in ids if key in boxes}
        check_same_ids(path, ids, found)
        return found

    def _mask_target(self, masks: Sequence[str], ignore: str) -> dict:
        root = self.img_prefix
        target = dict(mask_paths=[os.path.join(root, mask) for mask in masks])
        if ignore:
            target['ignore_path'] = os.path.join(root, ignore)
        return target
