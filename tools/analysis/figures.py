#!/usr/bin/env python
"""Figures of the paper, by command.

python tools/analysis/figures.py blocks    IMAGE CONFIG CHECKPOINT   Fig. 6
python tools/analysis/figures.py grid      IMAGE CONFIG CHECKPOINT   Fig. 9
python tools/analysis/figures.py diffusion IMAGE CONFIG CHECKPOINT   Fig. 8
python tools/analysis/figures.py filtering IMAGE CONFIG CHECKPOINT   Fig. 3
python tools/analysis/figures.py compare   IMAGE_OR_FOLDER \\
    --model TS-CAM CONFIG CHECKPOINT --model SCM CONFIG CHECKPOINT   Fig. 4
python tools/analysis/figures.py scalars   WORK_DIR                  Fig. 7
python tools/analysis/figures.py depth     WORK_DIR WORK_DIR ...     Fig. 10
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch
from block_maps import BlockMaps, block_maps, blocks_figure, sheet
from matplotlib.figure import Figure
from mmengine.config import Config
from runs import logged

from mmscm import LocalizationInferencer
from mmscm.apis.localization import localize
from mmscm.apis.photos import find_photos
from mmscm.apis.results import TestRecord
from mmscm.functional.diffusion import diffuse
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.options import make_parser
from mmscm.visualization.panels import Boxes, caption_strip, panel

ITERATIONS = (0, 1, 2, 3, 4, 5, 6, 7, 8)  # p of Fig. 8
OF_MAPS = {
    'blocks': 'S^l, F^l and their product of every block (Fig. 6)',
    'grid': 'S^l o F^m for all l and m, with boxes (Fig. 9)',
    'diffusion': 'F^0 diffused p times, and filtered, over p (Fig. 8)',
    'filtering': 'F^l, diffused, and after filtering, of every block (Fig. 3)',
}
DEPTH_CURVES = {
    'Top-1 Cls': 'wsol/top1_cls',
    'GT-Known': 'wsol/gt_known',
    'best threshold': 'wsol/gt_known_thr',
}


def grid_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """S^l o F^m for all l and m, with boxes (Fig. 9), RGB."""
    count = range(len(maps.steps))
    return sheet([[maps.product(s, f, side) for s in count] for f in count])


@torch.no_grad()
def diffusion_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^0 diffused p times, and filtered, over p (Fig. 8), RGB."""
    block, (semantic, attention) = maps.blocks[0], maps.steps[0]
    laplacian = semantic_laplacian(semantic, block.lambda_)
    diffused = [
        diffuse(attention, laplacian, p, block.init_scale) for p in ITERATIONS
    ]
    first = [maps.cell(maps.title, None, side)]
    second = [maps.cell('F0', maps.attention(0), side)]
    for p, plane in zip(ITERATIONS, diffused, strict=True):
        update = block.filter(plane, attention)
        first.append(maps.cell(f'diffused, p = {p}', plane[0].numpy(), side))
        second.append(maps.cell('filtered', update[0].numpy(), side))
    return sheet([first, second])


@torch.no_grad()
def filtering_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^l, diffused, and after filtering, of every block (Fig. 3), RGB."""
    rows = []
    for index, block in enumerate(maps.blocks):
        semantic, attention = maps.steps[index]
        laplacian = semantic_laplacian(semantic, block.lambda_)
        diffused = diffuse(
            attention, laplacian, block.num_iters, block.init_scale
        )
        update = block.filter(diffused, attention)
        planes = {
            f'F{index}': attention,
            'before filtering': diffused,
            f'after, beta {float(block.beta):.3f}': update,
        }
        cells = [maps.cell(k, v[0].numpy(), side) for k, v in planes.items()]
        rows.append([maps.cell(maps.title, None, side), *cells])
    return sheet(rows)


def compare_figure(
    inferencers: Mapping[str, LocalizationInferencer],
    images: Any,
    target: int | str | None = None,
    side: int = 200,
) -> np.ndarray:
    """A row an image: the image, then map and box of every model.

    Args:
        inferencers (Mapping[str, LocalizationInferencer]): By title.
        images (Any): What an inferencer takes.
        target (int | str, optional): Class; default is what each predicts.
        side (int): Side of a panel, pixels.

    Returns:
        np.ndarray: RGB, uint8.
    """
    photos = find_photos(images)
    heads = [caption_strip(title, side) for title in ('', *inferencers)]
    rows = [heads]
    sources = [photo.source for photo in photos]
    predictions = [
        model(sources, True, target=target, progress=False)
        for model in inferencers.values()
    ]
    for photo, *samples in zip(photos, *predictions, strict=True):
        rgb = np.ascontiguousarray(photo.read()[..., ::-1])
        cells = [panel(rgb, photo.name, side)]
        for model, sample in zip(inferencers.values(), samples, strict=True):
            label = model.class_index(target)
            label = int(sample.pred_label) if label is None else label
            found = localize(sample, label, model.cam_thr)
            caption = (
                f'{model.class_name(label)} {found["score"]:.2f}, '
                f'> {model.cam_thr:.2g}'
            )
            boxes = Boxes(predicted=found['bboxes'])
            cells.append(panel(rgb, caption, side, found['score_map'], boxes))
        rows.append(cells)
    return sheet(rows)


def scalars_figure(work_dir: str | Path) -> Figure:
    """lambda and beta of every block over training (Fig. 7).

    Args:
        work_dir (str | Path): With the logs of a training.
    """
    rows = logged(work_dir, 'scm/')
    if not rows:
        raise FileNotFoundError(
            'Expected logs of a training with SCM in '
            f'{work_dir}/*/vis_data/scalars.json, but got none.'
        )
    figure = Figure((9, 3.5), layout='constrained')
    axes = figure.subplots(1, 2)
    for axis, name in zip(axes, ('lambda', 'beta'), strict=True):
        keys = [key for key in rows[max(rows)] if f'/{name}_' in key]
        for block, key in enumerate(keys, 1):
            values = [row[key] for row in rows.values()]
            axis.plot(list(rows), values, label=f'block {block}')
        axis.set(xlabel='iteration', ylabel=name)
        axis.legend(frameon=False)
    return figure


def depth_figure(work_dirs: Sequence[str | Path]) -> Figure:
    """Classification, GT-Known and threshold over blocks (Figs. 7c, 10).

    Args:
        work_dirs (Sequence[str | Path]): One a number of blocks, each
            tested, so that it has its record.
    """
    blocks, *curves = zip(*sorted(map(depth_point, work_dirs)), strict=True)
    figure = Figure((10, 3.2), layout='constrained')
    axes = figure.subplots(1, len(DEPTH_CURVES))
    for axis, name, values in zip(axes, DEPTH_CURVES, curves, strict=True):
        unit = 'fraction of the maximum' if 'thr' in name else 'percent'
        axis.plot(blocks, values, 'o-')
        axis.set(xlabel='blocks', ylabel=f'{name}, {unit}', xticks=blocks)
    return figure


def depth_point(work_dir: str | Path) -> tuple[float, ...]:
    """Number of blocks, then the values of ``DEPTH_CURVES``.

    Args:
        work_dir (str | Path): With the config of its training and the
            record of a test; no neck counts as 0 blocks.
    """
    metrics = TestRecord.read(work_dir).metrics
    configs = sorted(Path(work_dir).glob('*.py'))
    if len(configs) != 1:
        raise ValueError(
            f'Expected one config in {work_dir}, but got '
            f'{[path.name for path in configs]}.'
        )
    neck = Config.fromfile(configs[0]).model.get('neck') or {}
    blocks = neck.get('num_blocks', 4) if neck else 0
    return (blocks, *(metrics[key] for key in DEPTH_CURVES.values()))


def _add_common(kind: argparse.ArgumentParser, name: str, side: int) -> None:
    kind.add_argument('--target', help='class, name or index')
    kind.add_argument('--side', type=int, default=side, help='of a panel')
    kind.add_argument('--out', type=Path, default=Path(f'{name}.png'))


def draw(args: argparse.Namespace) -> np.ndarray:
    """A picture of maps, RGB."""
    if args.kind == 'compare':
        models = {
            title: LocalizationInferencer(config, checkpoint)
            for title, config, checkpoint in args.model
        }
        return compare_figure(models, args.image, args.target, args.side)
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, cam_thr=args.cam_thr
    )
    maps = block_maps(inferencer, args.image, args.target)
    figures = dict(
        blocks=blocks_figure,
        grid=grid_figure,
        diffusion=diffusion_figure,
        filtering=filtering_figure,
    )
    return figures[args.kind](maps, args.side)


def main() -> None:
    parser = make_parser(__doc__)
    kinds = parser.add_subparsers(dest='kind', required=True)
    for name, about in OF_MAPS.items():
        kind = kinds.add_parser(name, help=about)
        kind.add_argument('image', help='image file or URL')
        kind.add_argument('config', help='config file or its name')
        kind.add_argument('checkpoint')
        kind.add_argument('--cam-thr', type=float, help='of the boxes')
        _add_common(kind, name, side=160)
    kind = kinds.add_parser('compare', help=compare_figure.__doc__)
    kind.add_argument('image', help='image, folder or URL')
    kind.add_argument(
        '--model',
        nargs=3,
        action='append',
        required=True,
        metavar=('TITLE', 'CONFIG', 'CHECKPOINT'),
    )
    _add_common(kind, 'compare', side=200)
    for name, count in (('scalars', None), ('depth', '+')):
        kind = kinds.add_parser(name)
        kind.add_argument('work_dir', nargs=count)
        kind.add_argument('--out', type=Path, default=Path(f'{name}.png'))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    if args.kind in ('scalars', 'depth'):
        plot = scalars_figure if args.kind == 'scalars' else depth_figure
        plot(args.work_dir).savefig(args.out, dpi=150)
    else:
        mmcv.imwrite(draw(args)[..., ::-1], str(args.out))
    print(args.out)


if __name__ == '__main__':
    main()
