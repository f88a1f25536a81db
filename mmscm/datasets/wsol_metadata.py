"""Data sets given as text files of ids, labels, sizes and boxes or masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.fileio import join_path
from mmpretrain.datasets.categories import CUB_CATEGORIES, IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .box_annotations import (
    check_same_ids,
    read_boxes,
    read_class_names,
    read_ids,
    read_label_column,
    read_masks,
    read_sizes,
)
from .localization_dataset import LocalizationDataset
from .needed_paths import ANNOTATIONS, FOLDER, NeededPath, below
from .needed_paths import CLASS_NAMES as NAMES_FILE
from .packed_list import DictList, StringList
from .sample_table import SampleTable

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
        data_prefix (str | dict): Folder below ``data_root`` that the ids
            start from; ``dict(img_path=..., mask_path=...)`` where masks
            lie elsewhere.
        localization (str): What ``localization.txt`` has: 'boxes' or
            'masks'; 'none' leaves it unread (training needs labels only).
        classes (str | Sequence[str], optional): Names of the classes, or
            'cub' or 'imagenet' for the usual ones, or a file of them below
            ``data_root``, one a line, a leading synset or number dropped.
        num_classes (int, optional): For a set without names. Labels are
            checked against the names or this.
        **kwargs: ``skip_bad_images``, see
            :class:`~mmscm.datasets.localization_dataset.LocalizationDataset`,
            and arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int); with boxes ``gt_bboxes``
    (float32 xyxy, pixels of the original image, (M, 4)); with masks
    ``mask_paths`` (list[str]) and ``ignore_path``; ``ori_shape`` (height,
    width) where the sizes are given.
    """

    def __init__(
        self,
        data_root: str,
        split_folder: str,
        data_prefix: str | dict = '',
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
            classes = _class_names(data_root, classes)
        self.localization = localization
        self.num_classes = len(classes) if classes else num_classes
        super().__init__(
            ann_file=split_folder,
            data_root=data_root,
            data_prefix=data_prefix,
            classes=classes,
            **kwargs,
        )

    @classmethod
    def needed_paths(
        cls,
        data_root: str,
        split_folder: str,
        data_prefix: str | dict = '',
        localization: str = 'boxes',
        classes: str | Sequence[str] | None = None,
        **_: Any,
    ) -> Iterator[NeededPath]:
        """Folders and lists; see ``LocalizationDataset``."""
        root = Path(data_root)
        yield NeededPath('data_root', str(data_root), root, FOLDER)
        folder = below(data_root, split_folder)
        yield NeededPath('split_folder', split_folder, folder, FOLDER)
        names = ['image_ids.txt', 'class_labels.txt']
        names += [] if localization == 'none' else ['localization.txt']
        for name in names:
            path = folder / name
            yield NeededPath('split_folder', split_folder, path, ANNOTATIONS)
        if isinstance(classes, str) and classes not in CLASS_NAMES:
            yield NeededPath('classes', classes, root / classes, NAMES_FILE)
        if isinstance(data_prefix, str):
            data_prefix = {'': data_prefix}
        for key, prefix in data_prefix.items():
            key = f'data_prefix.{key}'.rstrip('.')
            yield NeededPath(key, prefix, below(data_root, prefix), FOLDER)

    def load_data_list(self) -> SampleTable:
        """One sample for each line of ``image_ids.txt``, in its order."""
        folder = Path(self.ann_file)
        ids = read_ids(folder / 'image_ids.txt')
        labels = read_label_column(
            folder / 'class_labels.txt', ids, self.num_classes
        )
        prefix = join_path(self.img_prefix, '') if self.img_prefix else ''
        targets = None
        if self.localization != 'none':
            targets = DictList(self._targets(ids, folder))
        return SampleTable(prefix, ids, labels, targets)

    def _targets(self, ids: StringList, folder: Path) -> Iterator[dict]:
        """Boxes or masks of every image, and its size where it is known."""
        sizes_path = folder / 'image_sizes.txt'
        sizes = read_sizes(sizes_path) if sizes_path.is_file() else {}
        path = folder / 'localization.txt'
        if self.localization == 'boxes':
            objects = self._boxes(path, sizes)
        else:
            objects = self._masks(path)
        check_same_ids(path, ids, objects)
        for key in ids:
            size = dict(ori_shape=sizes[key]) if key in sizes else {}
            yield {**objects.get(key, {}), **size}

    def _boxes(self, path: Path, sizes: Mapping) -> dict[str, dict]:
        boxes = read_boxes(path, sizes)
        return {key: dict(gt_bboxes=rows) for key, rows in boxes.items()}

    def _masks(self, path: Path) -> dict[str, dict]:
        root = Path(self.data_prefix.get('mask_path', self.img_prefix))
        return {
            key: dict(
                mask_paths=[str(root / mask) for mask in masks],
                ignore_path=str(root / ignore),
            )
            for key, (masks, ignore) in read_masks(path).items()
        }


def _class_names(data_root: str, classes: str) -> tuple[str, ...]:
    if classes in CLASS_NAMES:
        return CLASS_NAMES[classes]
    return read_class_names(Path(data_root) / classes)
