"""ILSVRC 2012 in its usual folders, with boxes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
from mmpretrain.datasets import BaseDataset
from mmpretrain.datasets.categories import IMAGENET_CATEGORIES

from mmscm.registry import DATASETS

from .box_annotations import check_same_ids, read_boxes
from .text_lines import AnnotationError, add_unique, check_relative, read_lines
from .voc_boxes import read_voc_boxes

SPLITS = ('train', 'val')
IMAGE_SUFFIXES = ('.jpeg', '.jpg', '.png')


@DATASETS.register_module()
class ImageNetLocalization(BaseDataset):
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

    def load_data_list(self) -> list[dict]:
        """One dict for each image."""
        labels = self._listed() if self.ann_file else self._in_folders()
        samples = [
            dict(img_path=f'{self.img_prefix}/{path}', gt_label=label)
            for path, label in labels.items()
        ]
        if self.boxes:
            boxes = self._read_boxes(list(labels))
            for path, sample in zip(labels, samples, strict=True):
                sample['gt_bboxes'] = boxes[path]
        return samples

    def _listed(self) -> dict[str, int]:
        labels: dict[str, int] = {}
        for line in read_lines(self.ann_file):
            path, _, text = line.text.rpartition(' ')
            label = line.parse(int, text, '`path label`')
            if not 0 <= label < len(self.CLASSES):
                line.fail(f'a label in [0, {len(self.CLASSES) - 1}]')
            add_unique(line, labels, check_relative(line, path), label)
        return labels

    def _in_folders(self) -> dict[str, int]:
        root = Path(self.img_prefix)
        folders = _sorted_names(root, _is_folder)
        if len(folders) != len(self.CLASSES):
            raise AnnotationError(
                f'{root}: Expected {len(self.CLASSES)} folders, one for each '
                f'class, but got {len(folders)}. A flat folder of images '
                'needs `ann_file`, another set of classes needs `classes`.'
            )
        return {
            f'{folder}/{name}': label
            for label, folder in enumerate(folders)
            for name in _sorted_names(root / folder, _is_image)
        }

    def _read_boxes(self, paths: list[str]) -> dict[str, np.ndarray]:
        source = Path(self.data_root) / self.boxes
        if not source.is_dir():
            return self._boxes_of_text(source, paths)
        flat = not _sorted_names(source, _is_folder)
        return {
            path: read_voc_boxes(source / _xml_name(path, flat))
            for path in paths
        }

    def _boxes_of_text(
        self, source: Path, paths: list[str]
    ) -> dict[str, np.ndarray]:
        boxes = read_boxes(source)
        # lists name val/X.JPEG also where the file is val/<synset>/X.JPEG
        flat = not paths or f'{self.split}/{paths[0]}' not in boxes
        keys = [
            f'{self.split}/{PurePosixPath(path).name if flat else path}'
            for path in paths
        ]
        check_same_ids(source, keys, boxes)
        return {
            path: boxes[key] for path, key in zip(paths, keys, strict=True)
        }


def _sorted_names(
    folder: Path, wanted: Callable[[os.DirEntry], bool]
) -> list[str]:
    if not folder.is_dir():
        raise FileNotFoundError(
            f'Expected a folder at {str(folder)!r}, but there is none. '
            'The section on data of the README says where to get it.'
        )
    return sorted(entry.name for entry in os.scandir(folder) if wanted(entry))


def _is_folder(entry: os.DirEntry) -> bool:
    return entry.is_dir()


def _is_image(entry: os.DirEntry) -> bool:
    return entry.name.lower().endswith(IMAGE_SUFFIXES)


def _xml_name(image: str, flat: bool) -> str:
    path = PurePosixPath(image).with_suffix('.xml')
    return path.name if flat else str(path)
