#!/usr/bin/env python
"""Score a folder of score maps, of any model, against a metadata split.

python tools/analysis/eval_maps.py MAPS_FOLDER data/wsol_metadata/CUB/test

A map is a .npy or .npz file with values in [0, 1], of any size; that of the
image val2/995/0.jpeg is MAPS_FOLDER/val2/995/0.npy.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import sys
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from numpy.lib import format as npy
from rich.progress import track

from mmscm.apis.results import Row, print_results, result_rows, scores_of
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
from mmscm.options import make_parser

SUFFIXES = ('.npy', '.npz')
MAX_PIXELS = 4096 * 4096  # a file that claims more is refused unread
LISTED = 50  # names in an error message
CHUNK = 32  # images a task
FEW = 2000  # one core scores so many while others would still be starting
TOP = 5


def main() -> None:
    parser = make_parser(__doc__)
    add = parser.add_argument
    add('maps', help='folder of the maps')
    lists = 'folder of image_ids.txt, image_sizes.txt, localization.txt'
    add('split', metavar='split_folder', help=lists)
    labels = 'lines `id,label` or `id,label1,...,label5`, for Top-k Loc'
    add('--predictions', metavar='CSV', help=labels)
    add(
        '--masks',
        metavar='FOLDER',
        help='folder of the masks named in localization.txt: PxAP instead\n'
        'of boxes',
    )
    fixed = 'thresholds of the fixed rows (default: 0.1, as TS-CAM on CUB)'
    add('--cam-thr', type=float, nargs='+', default=[0.1], help=fixed)
    grid = 'step of the grid of thresholds (default: 0.01)'
    add('--step', type=float, default=0.01, help=grid)
    add('--size', type=int, default=224, help='side of the grid in pixels')
    others = 'accept maps that belong to no id'
    add('--ignore-unknown', action='store_true', help=others)
    add('--workers', type=int, default=0, help='default: all cores')
    add('--out', metavar='JSON', help='also write the rows')
    options = vars(parser.parse_args())
    out = options.pop('out')
    # the table says what the metrics would log
    MMLogger.get_instance('eval_maps', log_level='WARNING')
    try:
        rows = evaluate_maps(**options)
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f'error: {error}')
    print_results(rows, options['maps'])
    if out:
        text = json.dumps([asdict(row) for row in rows], indent=2)
        Path(out).write_text(f'{text}\n', encoding='utf-8')


def evaluate_maps(
    maps: str | Path,
    split: str | Path,
    size: int = 224,
    step: float = 0.01,
    cam_thr: Sequence[float] = (0.1,),
    predictions: str | Path | None = None,
    masks: str | Path | None = None,
    ignore_unknown: bool = False,
    workers: int = 0,
) -> list[Row]:
    """Score a folder of maps as wsolevaluation does, and more.

    Arguments are those of the command line. Maps are not scaled to their own
    minimum and maximum.

    Returns:
        list[Row]: One a protocol and origin of the threshold.
    """
    split = Path(split)
    ids = read_ids(split / 'image_ids.txt')
    files = find_maps(maps, ids, ignore_unknown)
    if masks is not None:
        samples, grid, fixed = with_masks(split, ids, masks), [PxAP()], []
    else:
        boxes = read_split_boxes(split, size)
        samples = {k: dict(gt_label=0, gt_bboxes=boxes[k]) for k in ids}
        topk = add_predictions(samples, split, predictions)
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
            for thr in cam_thr
        ]
    chosen = [dict(samples[key], img_path=files[key]) for key in ids]
    run_metrics(chosen, [*grid, *fixed], size, workers)
    rows = result_rows(scores_of(grid))
    for metric in fixed:
        for row in result_rows(metric.scores):
            if len(cam_thr) > 1:  # they would look like the same row
                row.protocol += f', {metric.cam_thrs[0]:g}'
            rows.append(row)
    return rows


def with_masks(
    split: Path, ids: Sequence[str], root: str | Path
) -> dict[str, dict]:
    """Samples of a split with masks below ``root``, by id."""
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


def add_predictions(
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
    return (1, TOP) if fewest >= TOP else (1,)


def read_predictions(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Labels by id, of lines ``id,label`` or ``id,label1,...,label5``.

    The best class comes first. The first line decides how many labels there
    are; it may be a heading (``id,...``).
    """
    count = None

    def parse(text: str) -> tuple[str, tuple[int, ...]]:
        nonlocal count
        if count is None and text.lower().startswith('id,'):
            return text, ()
        count = count or max(text.count(','), 1)
        form = 'id,' + ','.join(['label'] * count)
        key, *texts = split_fields(text, form)
        return key, tuple(map(parse_label, texts))

    predictions = read_table(path, 'prediction', parse)
    return {key: labels for key, labels in predictions.items() if labels}


def run_metrics(
    samples: Sequence[dict],
    metrics: Sequence[BaseMetric],
    size: int,
    workers: int,
) -> None:
    """Run the metrics over the samples, whose maps are still files."""
    chunks = [samples[i : i + CHUNK] for i in range(0, len(samples), CHUNK)]
    few = len(samples) < FEW
    workers = workers or (1 if few else multiprocessing.cpu_count())
    results: list[list] = [[] for _ in metrics]
    with ExitStack() as stack:
        run = map
        if min(workers, len(chunks)) > 1:
            # processes without this one's threads
            context = multiprocessing.get_context('forkserver')
            pool = context.Pool(workers, cv2.setNumThreads, (1,))
            run = stack.enter_context(pool).imap
        parts = run(partial(process, metrics=metrics, size=size), chunks)
        for part in track(parts, 'maps', len(chunks)):
            for all_rows, rows in zip(results, part, strict=True):
                all_rows += rows
    for metric, rows in zip(metrics, results, strict=True):
        metric.results = rows
        metric.evaluate(len(rows))


def process(
    samples: Sequence[dict], metrics: Sequence[BaseMetric], size: int
) -> list[list]:
    """What each metric keeps of some images."""
    loaded = [load_sample(sample, size) for sample in samples]
    for metric in metrics:
        metric.results = []
        metric.process(None, loaded)
    return [metric.results for metric in metrics]


def load_sample(sample: dict, size: int) -> dict:
    """A data sample with its map, and its mask if it has one."""
    scores = load_map(sample['img_path'])
    if scores.shape != (size, size):
        # bilinear; clipped, for rounding
        scores = cv2.resize(scores, (size, size)).clip(0, 1)
    sample = dict(sample, img_shape=(size, size))
    if 'mask_paths' in sample:
        sample = LoadLocalizationMask().transform(sample)
    labels = np.array([sample['gt_label']])
    return dict(sample, map_labels=labels, score_maps=scores[None])


def find_maps(
    folder: str | Path, ids: Iterable[str], ignore_unknown: bool = False
) -> dict[str, Path]:
    """The map of every id; all that are missing are listed at once.

    The map of ``val2/995/0.jpeg`` is ``val2/995/0.npy`` below the folder,
    or ``.npz``; the suffix may also follow the whole id.
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
            f'but {len(missing)} are missing: {listing(missing)}. The map '
            f'of {missing[0]} is {Path(missing[0]).with_suffix("")}.npy or '
            '.npz.'
        )
    used = set(found.values())
    unknown = [name for name, path in files.items() if path not in used]
    if unknown and not ignore_unknown:
        raise ValueError(
            f'Expected maps of the ids of the split only in {folder}, but '
            f'{len(unknown)} belong to none: {listing(unknown)}. Is it '
            'another split?'
        )
    return found


def listing(names: list[str]) -> str:
    more = f' and {len(names) - LISTED} more' * (len(names) > LISTED)
    return ', '.join(names[:LISTED]) + more


def load_map(path: str | Path) -> np.ndarray:
    """Read one score map; nothing in the file can run code.

    Args:
        path (str | Path): A .npy file, or a .npz file of a single array.

    Returns:
        np.ndarray: Scores in [0, 1], float32, shape (H, W).

    Raises:
        ValueError: Names the file that cannot be read or has a wrong shape
            or type, NaN, or values outside [0, 1].
    """
    try:
        with ExitStack() as stack:
            scores = read_array(Path(path), stack)
        low, high = scores.min(), scores.max()  # NaN where there is one
        if not (low >= 0 and high <= 1):
            hint = ' Divide by 255.' if low >= 0 and 1 < high <= 255 else ''
            raise ValueError(
                'Expected scores in [0, 1], but got values from '
                f'{low} to {high}.{hint}'
            )
    # a broken file breaks the reader anywhere
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f'{path}: {error}') from error
    return scores.astype(np.float32)


def read_array(path: Path, stack: ExitStack) -> np.ndarray:
    """Look at the header first: a small file may claim a huge array."""
    file = stack.enter_context(path.open('rb'))
    if path.suffix == '.npz':
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = archive.namelist()
        if len(members) != 1:
            raise ValueError(f'Expected a single array, but got {members}.')
        file = stack.enter_context(archive.open(members[0]))
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


if __name__ == '__main__':
    main()
