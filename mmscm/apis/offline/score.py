"""Score maps of any model against a metadata split, on all cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from mmscm.apis.offline.map_files import find_maps, load_map
from mmscm.apis.offline.predictions import ranks_of_labels
from mmscm.apis.offline.rows import box_rows, mask_rows
from mmscm.apis.offline.split_boxes import read_split_boxes
from mmscm.apis.results import Row
from mmscm.datasets.annotations import (
    check_same_ids,
    read_ids,
    read_labels,
    read_masks,
)
from mmscm.datasets.transforms import LoadLocalizationMask
from mmscm.evaluation.map_scores import BoxTotals
from mmscm.evaluation.mask_scores import MaskTotals

_CHUNK = 32  # images a task
# One core scores so many while others would still be starting
_FEW = 2000
Totals = TypeVar('Totals', BoxTotals, MaskTotals)


@dataclass(frozen=True)
class OfflineOptions:
    """How maps are scored.

    Attributes:
        size (int): Side of the square grid of maps and boxes, pixels.
        step (float): Of the grid of thresholds over [0, 1).
        fixed_thrs (tuple[float, ...]): Thresholds of the fixed rows.
        predictions (str | None): File of predicted classes, for Top-k.
        mask_root (str | None): Folder of the masks; boxes are scored
            without.
        ignore_unknown (bool): Accept maps of no id.
        workers (int): Processes; 0 for as many as there are cores, or a
            single one for few images.
    """

    size: int = 224
    step: float = 0.01
    fixed_thrs: tuple[float, ...] = (0.1,)
    predictions: str | None = None
    mask_root: str | None = None
    ignore_unknown: bool = False
    workers: int = 0


@dataclass(frozen=True)
class _Image:
    """One image to score; ``target`` is boxes (M, 4) or paths of masks."""

    path: Path
    target: Any
    rank: int | None = None


def evaluate_maps(
    maps: str | Path,
    split: str | Path,
    options: OfflineOptions,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Score a folder of maps as wsolevaluation does, and more.

    Args:
        maps (str | Path): Folder of .npy or .npz maps in [0, 1], of any
            size; see :func:`~mmscm.apis.offline.map_files.find_maps`.
        split (str | Path): Folder of ``image_ids.txt``,
            ``localization.txt`` and so on.
        options (OfflineOptions): How.
        progress (Callable): Called with images done and to do.

    Returns:
        list[Row]: One a protocol and origin of the threshold.
    """
    ids = read_ids(Path(split, 'image_ids.txt'))
    files = find_maps(maps, ids, options.ignore_unknown)
    if options.mask_root is None:
        return _score_boxes(ids, files, Path(split), options, progress)
    targets = _mask_targets(Path(split), ids, options.mask_root)
    images = [_Image(files[key], targets[key]) for key in ids]
    totals = MaskTotals()
    score = partial(_mask_chunk, size=options.size)
    for part in _scored(images, score, options.workers, progress):
        totals.merge(part)
    return mask_rows(totals)


def _score_boxes(
    ids: Sequence[str],
    files: dict[str, Path],
    split: Path,
    options: OfflineOptions,
    progress: Callable[[int, int], None],
) -> list[Row]:
    boxes = read_split_boxes(split, options.size)
    ranks: dict[str, int | None] = {}
    topk: tuple[int, ...] = ()
    if options.predictions is not None:
        labels = read_labels(split / 'class_labels.txt')
        check_same_ids(split / 'class_labels.txt', ids, labels)
        ranks, topk = ranks_of_labels(options.predictions, labels)
    images = [_Image(files[key], boxes[key], ranks.get(key)) for key in ids]
    empty = partial(
        BoxTotals, np.arange(0, 1, options.step), options.fixed_thrs, topk
    )
    totals = empty()
    score = partial(_box_chunk, size=options.size, empty=empty)
    for part in _scored(images, score, options.workers, progress):
        totals.merge(part)
    return box_rows(totals)


def _mask_targets(
    split: Path, ids: Sequence[str], root: str
) -> dict[str, dict]:
    masks = read_masks(split / 'localization.txt')
    check_same_ids(split / 'localization.txt', ids, masks)
    return {
        key: dict(
            mask_paths=[str(Path(root, mask)) for mask in instances],
            ignore_path=str(Path(root, ignore)) if ignore else '',
        )
        for key, (instances, ignore) in masks.items()
    }


def _scored(
    images: Sequence[_Image],
    score: Callable[[Sequence[_Image]], Totals],
    workers: int,
    progress: Callable[[int, int], None],
) -> Iterator[Totals]:
    """Totals of chunks of images, in any order."""
    chunks = [images[i : i + _CHUNK] for i in range(0, len(images), _CHUNK)]
    workers = min(workers or _workers_for(len(images)), len(chunks))
    done = 0
    with ExitStack() as stack:
        parts: Iterator[Totals] = map(score, chunks)
        if workers > 1:
            context = _context()
            pool = context.Pool(workers, cv2.setNumThreads, (1,))
            parts = stack.enter_context(pool).imap_unordered(score, chunks)
        for part in parts:
            done += part.images
            progress(done, len(images))
            yield part


def _workers_for(images: int) -> int:
    return 1 if images < _FEW else multiprocessing.cpu_count()


def _context() -> multiprocessing.context.BaseContext:
    """Processes without this one's threads, that import only once."""
    if 'forkserver' not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context('spawn')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([__name__])
    return context


def _box_chunk(
    images: Sequence[_Image], size: int, empty: Callable[[], BoxTotals]
) -> BoxTotals:
    totals = empty()
    for image in images:
        totals.add(resized_map(image.path, size), image.target, image.rank)
    return totals


def _mask_chunk(images: Sequence[_Image], size: int) -> MaskTotals:
    totals, load = MaskTotals(), LoadLocalizationMask((size, size))
    for image in images:
        mask = load.transform(dict(image.target))['gt_mask']
        totals.add(resized_map(image.path, size), mask)
    return totals


def resized_map(path: Path, size: int) -> np.ndarray:
    """A map at the size of the grid, bilinear, (size, size), in [0, 1]."""
    scores = load_map(path)
    if scores.shape != (size, size):
        scores = cv2.resize(scores, (size, size))
        scores = scores.clip(0, 1)  # rounding
    return scores
