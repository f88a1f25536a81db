"""ILSVRC 2012 in its usual folders, with boxes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmengine.logging import print_log
from mmpretrain.datasets.categories import IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .annotations import (
    README,
    AnnotationError,
    check_path,
    parse_label,
    read_table,
    read_voc,
)
from .class_folders import list_class_folders, visible
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
        self.boxes = boxes
        places = dict(data_root=data_root, data_prefix=split)
        super().__init__(ann_file=ann_file, **places, **kwargs)

    def load_data_list(self) -> Iterator[dict]:
        """One sample for each image."""
        labels = self._listed() if self.ann_file else self._in_folders()
        targets = {}
        if self.boxes:
            targets = read_targets(Path(self.data_root) / self.boxes, labels)
        for path, label in labels.items():
            yield dict(
                img_path=f'{self.img_prefix}/{path}',
                gt_label=label,
                **targets.get(path, {}),
            )

    def _listed(self) -> dict[str, int]:
        def parse(path: str, label: str) -> tuple[str, int]:
            return check_path(path), parse_label(label, len(self.CLASSES))

        return read_table(self.ann_file, 'path label', parse)

    def _in_folders(self) -> dict[str, int]:
        root = self.img_prefix
        folders, left_out = list_class_folders(Path(root))
        if len(folders) != len(self.CLASSES):
            raise AnnotationError(
                f'{root}: Expected {len(self.CLASSES)} folders, one for each '
                f'class, but got {len(folders)}. A flat folder of images '
                'needs `ann_file`, another set of classes needs `classes`.'
            )
        if left_out:
            message = f'{root}: left out {", ".join(left_out)}.'
            print_log(message, logger='current', level=logging.WARNING)
        return {
            f'{folder}/{name}': label
            for label, (folder, names) in enumerate(folders.items())
            for name in names
        }


def read_targets(source: Path, paths: Iterable[str]) -> dict[str, dict]:
    """Boxes of images, from the XML files of a folder."""
    if not source.is_dir():
        raise FileNotFoundError(
            f'{source}: Expected a folder of XML files, but there is none. '
            f'{README} Lists of boxes are for `WSOLMetadata`.'
        )
    flat = not any(entry.is_dir() for entry in visible(source))
    targets, problems = {}, []
    for path in paths:
        file = Path(path).with_suffix('.xml')
        try:
            targets[path] = read_voc(source / (file.name if flat else file))
        except AnnotationError as error:
            problems += error.args
        except FileNotFoundError as error:
            problems.append(f'{error.filename}: no XML file of the boxes.')
    if problems:
        raise AnnotationError(*problems)
    return targets
