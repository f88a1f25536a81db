"""ILSVRC 2012 in its usual folders, with boxes."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path, PurePosixPath

import numpy as np
from mmengine.logging import print_log
from mmpretrain.datasets.categories import IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .annotations import (
    AnnotationError,
    check_path,
    check_same_ids,
    parse_label,
    parse_rows,
    read_boxes,
    read_table,
    read_voc,
)
from .class_folders import list_class_folders
from .localization_dataset import LocalizationDataset

SPLITS = ('train', 'val')


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
        **kwargs: Arguments of the host's ``BaseDataset``.

    A sample has ``img_path``, ``gt_label`` (int) and with ``boxes`` also
    ``gt_bboxes`` (float32 xyxy, pixels of the original image, (M, 4)) and,
    where an XML file has it, ``ori_shape`` (height, width).
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

    def load_data_list(self) -> Iterator[dict]:
        """One sample for each image."""
        rows = self._listed() if self.ann_file else self._in_folders()
        targets = repeat({})
        if self.boxes:
            rows = list(rows)
            targets = self._targets([path for path, _ in rows])
        for (path, label), target in zip(rows, targets, strict=False):
            img_path = f'{self.img_prefix}/{path}'
            yield dict(img_path=img_path, gt_label=label, **target)

    def _listed(self) -> Iterator[tuple[str, int]]:
        def parse(text: str) -> tuple[str, int]:
            path, *label = text.rsplit(maxsplit=1)
            if not label:
                raise ValueError('Expected `path label`')
            return check_path(path), parse_label(*label, len(self.CLASSES))

        hashes = array('q')
        for path, label in parse_rows(self.ann_file, parse):
            hashes.append(hash(path))
            yield path, label
        if len(np.unique(hashes)) < len(hashes):
            read_table(self.ann_file, parse)  # names paths that come again

    def _in_folders(self) -> Iterator[tuple[str, int]]:
        root = self.img_prefix
        folders, left_out = list_class_folders(Path(root))
        if len(folders) != len(self.CLASSES):
            raise AnnotationError(
                f'{root}: Expected {len(self.CLASSES)} folders, one for each '
                f'class, but got {len(folders)}. A flat folder of images '
                'needs `ann_file`, another set of classes needs `classes`.'
            )
        if left_out:
            print_log(
                f'{root}: left out {", ".join(left_out)}.',
                logger='current',
                level=logging.WARNING,
            )
        for label, folder in enumerate(list(folders)):
            for name in folders.pop(folder):  # frees memory on the way
                yield f'{folder}/{name}', label

    def _targets(self, paths: Sequence[str]) -> Iterator[dict]:
        source = Path(self.data_root) / self.boxes
        if source.is_dir():
            return _targets_of_xml(source, paths)
        return self._targets_of_text(source, paths)

    def _targets_of_text(
        self, source: Path, paths: Sequence[str]
    ) -> Iterator[dict]:
        boxes = read_boxes(source)
        # lists name val/X.JPEG also where the file is val/<synset>/X.JPEG
        flat = not paths or f'{self.split}/{paths[0]}' not in boxes
        keys = [
            f'{self.split}/{PurePosixPath(path).name if flat else path}'
            for path in paths
        ]
        check_same_ids(source, keys, boxes)
        for key in keys:
            yield dict(gt_bboxes=boxes[key])


def _targets_of_xml(source: Path, paths: Sequence[str]) -> Iterator[dict]:
    flat = not any(entry.is_dir() for entry in source.iterdir())
    problems: list[str] = []
    for path in paths:
        name = PurePosixPath(path).with_suffix('.xml')
        try:
            yield read_voc(source / (name.name if flat else name))
        except AnnotationError as error:
            problems += error.problems
        except FileNotFoundError as error:
            problems.append(str(error))
    if problems:
        raise AnnotationError(*problems)
