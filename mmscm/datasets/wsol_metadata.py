"""Data sets given as text files of ids, labels, sizes and boxes or masks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

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
        **kwargs: Arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int); with boxes ``gt_bboxes``
    (float32 xyxy, pixels of the original image, (M, 4)); with masks
    ``mask_paths`` (list[str]) and maybe ``ignore_path``; with both
    ``ori_shape`` (height, width) where the sizes are given.
    """

    def __init__(
        self,
        data_root: str,
        split_folder: str,
        data_prefix: str = '',
        localization: str = 'boxes',
        classes: str | Sequence[str] | None = None,
        num_classes: int | None = None,
        **kwargs,
    ) -> None:
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
        targets = {}
        if self.localization != 'none':
            targets = self._targets(folder)
            check_same_ids(folder / 'localization.txt', ids, targets)
        ids.reverse()
        while ids:  # what is read makes room for what is kept
            key = ids.pop()
            yield dict(
                img_path=os.path.join(self.img_prefix, key),
                gt_label=labels.pop(key),
                **targets.get(key, {}),
            )

    def _targets(self, folder: Path) -> dict[str, dict]:
        """Boxes or masks of every image, and its size where it is known."""
        path = folder / 'localization.txt'
        if not path.is_file():
            raise FileNotFoundError(
                f'{path}: Expected {self.localization}, but there is no file. '
                "Training needs none: `localization='none'`."
            )
        sizes_path = folder / 'image_sizes.txt'
        sizes = read_sizes(sizes_path) if sizes_path.is_file() else {}
        if self.localization == 'boxes':
            boxes = read_boxes(path, sizes)
            targets = {key: dict(gt_bboxes=boxes[key]) for key in boxes}
        else:
            targets = {
                key: self._mask_target(*masks)
                for key, masks in read_masks(path).items()
            }
        for key in targets.keys() & sizes.keys():
            targets[key]['ori_shape'] = sizes[key]
        return targets

    def _mask_target(self, masks: Sequence[str], ignore: str) -> dict:
        root = self.img_prefix
        target = dict(mask_paths=[os.path.join(root, mask) for mask in masks])
        if ignore:
            target['ignore_path'] = os.path.join(root, ignore)
        return target
