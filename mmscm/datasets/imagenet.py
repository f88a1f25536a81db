"""ILSVRC 2012 in its usual folders, with boxes."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from mmpretrain.datasets.categories import IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .box_annotations import (
    check_same_ids,
    parse_label,
    read_boxes,
    report_repeated,
)
from .localization_dataset import LocalizationDataset
from .needed_paths import ANNOTATIONS, EITHER, FOLDER, NeededPath, below
from .packed_list import DictList, StringList
from .problems import AnnotationError, MissingFileError, report
from .sample_table import SampleTable
from .text_lines import Line, check_relative, each_line
from .voc_boxes import read_voc_boxes

SPLITS = ('train', 'val')
IMAGE_SUFFIXES = ('.jpeg', '.jpg', '.png')
NO_BOXES = np.empty((0, 4), np.float32)


@DATASETS.register_module()
class ImageNetLocalization(LocalizationDataset):
    """A folder ``train/`` or ``val/`` of images, and where their boxes are.

    Labels come from ``ann_file``, or else from the folders: each class has
    one, named by its synset, and the label is its rank.

    Args:
        data_root (str): Folder of ``train`` and ``val``.
        split (str): 'train' or 'val' (the 50,000 images the field tests
            on; the labels of ILSVRC's own test set are not public).
        ann_file (str): Lines ``path label`` below ``data_root``, as
            ``meta/val.txt``; paths start from the folder of the split.
        boxes (str): Below ``data_root``: a folder of XML files in the
            format of PASCAL VOC, flat or in synset folders, or a text file
            of lines ``id,x0,y0,x1,y1`` whose ids start with the split.
            Empty for a set without boxes.
        **kwargs: ``skip_bad_images``, see
            :class:`~mmscm.datasets.localization_dataset.LocalizationDataset`,
            and arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int) and with ``boxes`` also
    ``gt_bboxes`` (float32 xyxy, pixels of the original image, (M, 4)).
    """

    METAINFO = {'classes': IMAGENET_CATEGORIES}

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        ann_file: str = '',
        boxes: str = '',
        **kwargs,
    ) -> None:
        if split not in SPLITS:
            raise ValueError(f'Expected `split` in {SPLITS}, got {split!r}.')
        self.split = split
        self.boxes = boxes
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=split,
            **kwargs,
        )

    @classmethod
    def needed_paths(
        cls,
        data_root: str,
        split: str = 'train',
        ann_file: str = '',
        boxes: str = '',
        **_: Any,
    ) -> Iterator[NeededPath]:
        """Folders and lists; see ``LocalizationDataset``."""
        root = Path(data_root)
        yield NeededPath('data_root', str(data_root), root, FOLDER)
        yield NeededPath('split', split, root / split, FOLDER)
        if ann_file:
            path = below(data_root, ann_file)
            yield NeededPath('ann_file', ann_file, path, ANNOTATIONS)
        if boxes:
            yield NeededPath('boxes', boxes, root / boxes, EITHER)

    def load_data_list(self) -> SampleTable:
        """One sample for each image."""
        ids, labels = self._listed() if self.ann_file else self._in_folders()
        boxes = None
        if self.boxes:
            boxes = DictList(dict(gt_bboxes=b) for b in self._read_boxes(ids))
        return SampleTable(f'{self.img_prefix}/', ids, labels, boxes)

    def _listed(self) -> tuple[StringList, array]:
        ids, labels, numbers = StringList(), array('q'), array('q')

        def use(line: Line) -> None:
            path, *label = line.text.rsplit(maxsplit=1)
            if not label:
                line.fail('`path label`')
            check_relative(line, path)
            labels.append(parse_label(line, *label, len(self.CLASSES)))
            ids.append(path)
            numbers.append(line.number)

        each_line(self.ann_file, use)
        report_repeated(self.ann_file, ids, numbers)
        return ids, labels

    def _in_folders(self) -> tuple[StringList, array]:
        root = Path(self.img_prefix)
        folders = _sorted_names(root, _is_folder)
        if len(folders) != len(self.CLASSES):
            message = (
                f'Expected {len(self.CLASSES)} folders, one for each '
                f'class, but got {len(folders)}. A flat folder of images '
                'needs `ann_file`, another set of classes needs `classes`.'
            )
            report(AnnotationError.at(root, message))
        ids, labels = StringList(), array('q')
        for label, folder in enumerate(folders):
            for name in _sorted_names(root / folder, _is_image):
                ids.append(f'{folder}/{name}')
                labels.append(label)
        return ids, labels

    def _read_boxes(self, paths: StringList) -> Iterator[np.ndarray]:
        """Boxes of every image, shape (M, 4)."""
        source = Path(self.data_root) / self.boxes
        if not source.is_dir():
            return self._boxes_of_text(source, paths)
        flat = not _sorted_names(source, _is_folder)
        return (_boxes_of_xml(source / _xml_name(p, flat)) for p in paths)

    def _boxes_of_text(
        self, source: Path, paths: StringList
    ) -> Iterator[np.ndarray]:
        boxes = read_boxes(source)
        # lists name val/X.JPEG also where the file is val/<synset>/X.JPEG
        flat = not paths or f'{self.split}/{paths[0]}' not in boxes
        keys = [
            f'{self.split}/{PurePosixPath(path).name if flat else path}'
            for path in paths
        ]
        check_same_ids(source, keys, boxes)
        return (boxes.get(key, NO_BOXES) for key in keys)


def _boxes_of_xml(path: Path) -> np.ndarray:
    try:
        return read_voc_boxes(path)
    except (AnnotationError, MissingFileError) as error:
        report(error)
        return NO_BOXES


def _sorted_names(
    folder: Path, wanted: Callable[[os.DirEntry], bool]
) -> list[str]:
    if not folder.is_dir():
        message = (
            'Expected a folder, but there is none. The section on data of '
            'the README says where to get it.'
        )
        raise MissingFileError.at(folder, message)
    return sorted(entry.name for entry in os.scandir(folder) if wanted(entry))


def _is_folder(entry: os.DirEntry) -> bool:
    return entry.is_dir()


def _is_image(entry: os.DirEntry) -> bool:
    return entry.name.lower().endswith(IMAGE_SUFFIXES)


def _xml_name(image: str, flat: bool) -> str:
    path = PurePosixPath(image).with_suffix('.xml')
    return path.name if flat else str(path)
