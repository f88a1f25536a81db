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
    README,
    AnnotationError,
    check_path,
    parse_label,
    parse_rows,
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
            format of PASCAL VOC, flat or in synset folders. Empty for a set
            without boxes.
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
            source = Path(self.data_root) / self.boxes
            targets = _read_targets(source, [path for path, _ in rows])
        # targets first: a generator that ends names what was wrong
        for target, (path, label) in zip(targets, rows, strict=False):
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


def _read_targets(source: Path, paths: Sequence[str]) -> Iterator[dict]:
    if not source.is_dir():
        raise FileNotFoundError(
            f'{source}: Expected a folder of XML files, but there is none. '
            f'{README} Lists of boxes are for `WSOLMetadata`.'
        )
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
