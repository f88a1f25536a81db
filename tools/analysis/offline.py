"""Score maps that any model left in a folder, against a metadata split."""

from __future__ import annotations

import math
import multiprocessing
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
from mmengine.evaluator import BaseMetric
from numpy.lib import format as npy

from mmscm.apis.results import Row, result_rows, scores_of
from mmscm.datasets.annotations import (
    check_same_ids,
    parse_label,
    read_boxes,
    read_ids,
    read_labels,
    read_masks,
    read_sizes,
    read_table,
    split_fields,
)
from mmscm.datasets.transforms import LoadLocalizationMask
from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc, Protocol, PxAP
from mmscm.evaluation.score import V2_IOU_THRS

SUFFIXES = ('.npy', '.npz')
MAX_PIXELS = 4096 * 4096  # a file that claims more is refused unread
_LISTED = 50  # names in an error message
_CHUNK = 32  # images a task
_FEW = 2000  # one core scores so many while others would still be starting
_TOP = 5


def evaluate_maps(
    maps: str | Path,
    split: str | Path,
    *,
    size: int = 224,
    step: float = 0.01,
    fixed_thrs: Sequence[float] = (0.1,),
    predictions: str | Path | None = None,
    mask_root: str | Path | None = None,
    ignore_unknown: bool = False,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Score a folder of maps as wsolevaluation does, and more.

    Args:
        maps (str | Path): Folder of .npy or .npz maps in [0, 1], of any
            size; see :func:`find_maps`. They are not scaled to their own
            minimum and maximum.
        split (str | Path): Folder of ``image_ids.txt``,
            ``localization.txt`` and so on.
        size (int): Side of the square grid of maps and boxes, pixels.
        step (float): Of the grid of thresholds over [0, 1).
        fixed_thrs (Sequence[float]): Thresholds of the fixed rows.
        predictions (str | Path, optional): File of predicted classes, for
            Top-k.
        mask_root (str | Path, optional): Folder of the masks; boxes are
            scored without.
        ignore_unknown (bool): Accept maps of no id.
        workers (int): Processes; 0 for as many as there are cores, or a
            single one for few images.
        progress (Callable): Called with images done and to do.

    Returns:
        list[Row]: One a protocol and origin of the threshold.
    """
    split = Path(split)
    ids = read_ids(split / 'image_ids.txt')
    files = find_maps(maps, ids, ignore_unknown)
    if mask_root is not None:
        samples, grid, fixed = _with_masks(split, ids, mask_root), [PxAP()], []
    else:
        boxes = read_split_boxes(split, size)
        samples = {k: dict(gt_label=0, gt_bboxes=boxes[k]) for k in ids}
        topk = _add_predictions(samples, split, predictions)
        grid = [
            LocalizationAccuracy(cam_thrs=step, topk=topk),
            MaxBoxAcc(cam_thrs=step),
            MaxBoxAcc(cam_thrs=step, iou_thrs=V2_IOU_THRS, all_contours=True),
        ]
        if topk:
            gtmap = LocalizationAccuracy('gtmap', cam_thrs=step, topk=topk)
            grid.insert(1, gtmap)
        fixed = [
            LocalizationAccuracy(protocol, cam_thr=thr, topk=topk)
            for protocol in ('wsoleval', 'tscam')
            for thr in fixed_thrs
        ]
    chosen = [dict(samples[key], img_path=files[key]) for key in ids]
    _score(chosen, [*grid, *fixed], size, workers, progress)
    rows = result_rows(scores_of(grid))
    for metric in fixed:
        for row in result_rows(metric.scores):
            if len(fixed_thrs) > 1:  # they would look like the same row
                row.protocol += f', {metric.cam_thrs[0]:g}'
            rows.append(row)
    return rows


def _with_masks(
    split: Path, ids: Sequence[str], root: str | Path
) -> dict[str, dict]:
    masks = read_masks(split / 'localization.txt')
    check_same_ids(split / 'localization.txt', ids, masks)
    return {
        key: dict(
            gt_label=0,
            mask_paths=[str(Path(root, mask)) for mask in masks[key][0]],
            ignore_path=str(Path(root, masks[key][1])),
        )
        for key in ids
    }


def read_split_boxes(
    folder: str | Path, size: int, protocol: Protocol | None = None
) -> dict[str, np.ndarray]:
    """Boxes of every image of a split, scaled as the network input is.

    Args:
        folder (str | Path): Has ``image_ids.txt``, ``image_sizes.txt`` and
            ``localization.txt``; see :class:`mmscm.datasets.WSOLMetadata`.
        size (int): Side of the square network input, pixels.
        protocol (Protocol, optional): How boxes are truncated and clipped;
            without it they are floating point.

    Returns:
        dict[str, np.ndarray]: Boxes xyxy in pixels, shape (M, 4), by id, in
        the order of ``image_ids.txt``.
    """
    folder = Path(folder)
    ids = read_ids(folder / 'image_ids.txt')
    boxes = read_boxes(folder / 'localization.txt')
    sizes = read_sizes(folder / 'image_sizes.txt')
    check_same_ids(folder / 'localization.txt', ids, boxes)
    check_same_ids(folder / 'image_sizes.txt', ids, sizes)
    scaled = {}
    for key in ids:
        original = np.array(sizes[key][::-1] * 2)  # width, height, twice
        scaled[key] = boxes[key].astype(np.float64) * size / original
        if protocol is not None:
            scaled[key] = protocol.true_boxes(scaled[key], (size, size))
    return scaled


def _add_predictions(
    samples: dict[str, dict], split: Path, path: str | Path | None
) -> tuple[int, ...]:
    """Add labels and predicted classes; return the k that can be scored."""
    if path is None:
        return ()
    labels = read_labels(split / 'class_labels.txt')
    check_same_ids(split / 'class_labels.txt', samples, labels)
    predicted = read_predictions(path)
    check_same_ids(path, samples, predicted)
    for key, classes in predicted.items():
        # classes by their rank; a label that was not predicted comes last
        label = (*classes, labels[key]).index(labels[key])
        scores = np.arange(len(classes), 0, -1)
        samples[key] |= dict(gt_label=label, pred_score=scores)
    fewest = min(map(len, predicted.values()))
    return (1, _TOP) if fewest >= _TOP else (1,)


def read_predictions(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Lines ``id,label`` or ``id,label1,...,label5``, the best class first.

    The first line decides how many labels there are; it may be a heading
    (``id,...``).

    Returns:
        dict[str, tuple[int, ...]]: Labels of each id.
    """
    count = None

    def parse(text: str) -> tuple[str, tuple[int, ...]]:
        nonlocal count
        if count is None and text.lower().startswith('id,'):
            return text, ()
        count = count or max(text.count(','), 1)
        form = 'id,' + ','.join(['label'] * count)
        key, *texts = split_fields(text, form)
        return key, tuple(parse_label(text) for text in texts)

    predictions = read_table(path, 'prediction', parse)
    return {key: labels for key, labels in predictions.items() if labels}


def _score(
    samples: Sequence[dict],
    metrics: Sequence[BaseMetric],
    size: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    """Run the metrics over the samples, whose maps are still files."""
    chunks = [samples[i : i + _CHUNK] for i in range(0, len(samples), _CHUNK)]
    few = len(samples) < _FEW
    workers = workers or (1 if few else multiprocessing.cpu_count())
    process = partial(_process, metrics=metrics, size=size)
    results: list[list] = [[] for _ in metrics]
    with _mapping(min(workers, len(chunks))) as run:
        for parts in run(process, chunks):
            for all_rows, rows in zip(results, parts, strict=True):
                all_rows += rows
            progress(len(results[0]), len(samples))
    for metric, rows in zip(metrics, results, strict=True):
        metric.results = rows
        metric.evaluate(len(rows))


@contextmanager
def _mapping(workers: int) -> Iterator[Callable[..., Iterator]]:
    """``map``, on several processes if asked for; the order stays."""
    if workers == 1:
        yield map
        return
    # processes without this one's threads
    context = multiprocessing.get_context('forkserver')
    with context.Pool(workers, cv2.setNumThreads, (1,)) as pool:
        yield pool.imap


def _process(
    samples: Sequence[dict], metrics: Sequence[BaseMetric], size: int
) -> list[list]:
    """What each metric keeps of some images."""
    loaded = [_load(sample, size) for sample in samples]
    for metric in metrics:
        metric.results = []
        metric.process(None, loaded)
    return [metric.results for metric in metrics]


def _load(sample: dict, size: int) -> dict[str, Any]:
    """A data sample with its map, and its mask if it has one."""
    scores = load_map(sample['img_path'])
    if scores.shape != (size, size):
        # bilinear; clipped, for rounding
        scores = cv2.resize(scores, (size, size)).clip(0, 1)
    if 'mask_paths' in sample:
        sample = dict(sample, img_shape=(size, size))
        sample = LoadLocalizationMask().transform(sample)
    return dict(
        sample,
        img_shape=(size, size),
        map_labels=np.array([sample['gt_label']]),
        score_maps=scores[None],
    )


class MapFileError(ValueError):
    """A file of a score map that cannot be used."""


def find_maps(
    folder: str | Path, ids: Iterable[str], ignore_unknown: bool = False
) -> dict[str, Path]:
    """The map of every id; all that are missing are listed at once.

    The map of ``val2/995/0.jpeg`` is ``val2/995/0.npy`` below the folder,
    or ``.npz``; the suffix may also follow the whole id.

    Args:
        folder (str | Path): Folder of the maps.
        ids (Iterable[str]): Those of ``image_ids.txt``.
        ignore_unknown (bool): Accept maps that belong to no id.

    Returns:
        dict[str, Path]: File of each id.
    """
    folder, ids = Path(folder), list(ids)
    if not folder.is_dir():
        raise FileNotFoundError(
            f'Expected a folder of score maps, but got {folder}: no such '
            'folder.'
        )
    paths = (p for p in sorted(folder.rglob('*')) if p.suffix in SUFFIXES)
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    found = {}
    for key in ids:
        stems = Path(key).with_suffix('').as_posix(), key
        names = [stem + suffix for stem in stems for suffix in SUFFIXES]
        if name := next((name for name in names if name in files), ''):
            found[key] = files[name]
    missing = [key for key in ids if key not in found]
    if missing:
        raise FileNotFoundError(
            f'Expected a map of each of the {len(ids)} images in {folder}, '
            f'but {len(missing)} are missing: {_listing(missing)}. The map '
            f'of {missing[0]} is {Path(missing[0]).with_suffix("")}.npy or '
            '.npz.'
        )
    used = set(found.values())
    unknown = [name for name, path in files.items() if path not in used]
    if unknown and not ignore_unknown:
        raise MapFileError(
            f'Expected maps of the ids of the split only in {folder}, but '
            f'{len(unknown)} belong to none: {_listing(unknown)}. Is it '
            'another split?'
        )
    return found


def _listing(names: list[str]) -> str:
    more = f' and {len(names) - _LISTED} more' * (len(names) > _LISTED)
    return ', '.join(names[:_LISTED]) + more


def load_map(path: str | Path) -> np.ndarray:
    """Read one score map; nothing in the file can run code.

    Args:
        path (str | Path): A .npy file, or a .npz file of a single array.

    Returns:
        np.ndarray: Scores in [0, 1], float32, shape (H, W).

    Raises:
        MapFileError: With the path: no such array, too large, wrong shape
            or type, NaN, or values outside [0, 1].
    """
    try:
        with ExitStack() as stack:
            scores = _read_array(_open(Path(path), stack))
        low, high = scores.min(), scores.max()  # NaN where there is one
        if not (low >= 0 and high <= 1):
            hint = ' Divide by 255.' if low >= 0 and 1 < high <= 255 else ''
            raise ValueError(
                'Expected scores in [0, 1], but got values from '
                f'{low} to {high}.{hint}'
            )
    # a broken file breaks the reader anywhere
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise MapFileError(f'{path}: {error}') from error
    return scores.astype(np.float32)


def _open(path: Path, stack: ExitStack) -> IO[bytes]:
    """The file of a single array, in a .npz archive or alone."""
    if path.suffix == '.npy':
        return stack.enter_context(path.open('rb'))
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = archive.namelist()
    if len(members) != 1:
        raise ValueError(f'Expected a single array, but got {members}.')
    return stack.enter_context(archive.open(members[0]))


def _read_array(file: IO[bytes]) -> np.ndarray:
    """Look at the header first: a small file may claim a huge array."""
    old = npy.read_magic(file) == (1, 0)
    read = npy.read_array_header_1_0 if old else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if len(shape) != 2 or not 0 < math.prod(shape) <= MAX_PIXELS:
        raise ValueError(
            f'Expected a map of shape (H, W) with at most {MAX_PIXELS} '
            f'values, but got shape {shape}.'
        )
    if dtype.kind not in 'fiub':
        raise ValueError(f'Expected numbers, but got an array of {dtype}.')
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)
