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
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch
from matplotlib.figure import Figure
from mmengine.config import Config
from mmengine.dataset import default_collate
from runs import logged
from torch import Tensor

from mmscm import LocalizationInferencer
from mmscm.apis.localization import localize, rescale
from mmscm.apis.photos import find_photos
from mmscm.apis.results import TestRecord
from mmscm.evaluation.sample import score_map_from
from mmscm.functional.boxes import boxes_from_map
from mmscm.functional.diffusion import diffuse
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.models import ActivationDiffusionBlock
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


@dataclass
class BlockMaps:
    """An image and its maps before, between and after the blocks.

    Attributes:
        image (np.ndarray): RGB, uint8, shape (H_ori, W_ori, 3).
        size (tuple[int, int]): Height and width of the network input.
        title (str): Name of the class.
        label (int): Its index.
        cam_thr (float): Threshold of boxes.
        blocks (list[ActivationDiffusionBlock]): The L diffusion blocks.
        steps (list[tuple[Tensor, Tensor]]): S^l (1, C, H, W) and F^l
            (1, H, W) for l = 0, ..., L.
    """

    image: np.ndarray
    size: tuple[int, int]
    title: str
    label: int
    cam_thr: float
    blocks: list[ActivationDiffusionBlock]
    steps: list[tuple[Tensor, Tensor]]

    def semantic(self, index: int) -> np.ndarray:
        """S^l of the class, shape (H, W)."""
        return self.steps[index][0][0, self.label].numpy()

    def attention(self, index: int) -> np.ndarray:
        """F^l, shape (H, W)."""
        return self.steps[index][1][0].numpy()

    def cell(self, caption: str, plane: Any, side: int) -> np.ndarray:
        """The panel of a map (H, W), or of the image where it is None."""
        return panel(self.image, caption, side, plane)

    def filtered(self, index: int, p: int) -> tuple[np.ndarray, np.ndarray]:
        """F^l diffused p times by its block, and filtered, (H, W) each."""
        block, (semantic, attention) = self.blocks[index], self.steps[index]
        laplacian = semantic_laplacian(semantic, block.lambda_)
        diffused = diffuse(attention, laplacian, p, block.init_scale)
        update = block.filter(diffused, attention)
        return diffused[0].numpy(), update[0].numpy()

    def product(self, s: int, f: int, side: int) -> np.ndarray:
        """The panel of S^s o F^f, with its box."""
        plane = self.semantic(s) * self.attention(f)
        scores = score_map_from(plane, self.size, 'bilinear')
        (found,) = boxes_from_map(scores, [self.cam_thr], clip=False)
        found = rescale(found, self.size, self.image.shape[:2])
        boxes = Boxes(predicted=found)
        return panel(self.image, f'S{s} x F{f}', side, plane, boxes)


@torch.no_grad()
def block_maps(
    inferencer: LocalizationInferencer,
    image: Any,
    target: int | str | None = None,
    cam_thr: float | None = None,
) -> BlockMaps:
    """Run a model and its neck on one image.

    Args:
        inferencer (LocalizationInferencer): Of a model with a neck.
        image (Any): What the inferencer takes.
        target (int | str, optional): Class; default is the predicted one.
        cam_thr (float, optional): Of the boxes; default is the model's own.
    """
    model = inferencer.model
    if not model.with_neck:
        raise ValueError(
            'Expected a model with a neck to look into its blocks, but got '
            'one without (TS-CAM).'
        )
    (photo,) = find_photos(image)
    pixels = photo.read()
    batch = default_collate([inferencer.load(pixels)])
    batch = model.data_preprocessor(batch, False)
    semantic, attention = model.extract_maps(batch['inputs'])
    label = inferencer.class_index(target)
    if label is None:
        label = int(semantic[0].mean((-2, -1)).argmax())
    steps = model.neck.steps(semantic, attention)
    return BlockMaps(
        image=pixels[..., ::-1].copy(),
        size=tuple(batch['inputs'].shape[-2:]),
        title=inferencer.class_name(label),
        label=label,
        cam_thr=inferencer.cam_thr if cam_thr is None else cam_thr,
        blocks=[deepcopy(block).cpu() for block in model.neck.blocks],
        steps=[(s.cpu().float(), f.cpu().float()) for s, f in steps],
    )


def blocks_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """S^l, F^l and their product of every block (Fig. 6), RGB."""
    count = len(maps.steps)
    blank = maps.cell(maps.title, None, side)
    rows = [
        [maps.cell(f'S{i}', maps.semantic(i), side) for i in range(count)],
        [maps.cell(f'F{i}', maps.attention(i), side) for i in range(count)],
        [maps.product(i, i, side) for i in range(count)],
    ]
    return sheet([[blank, *row] for row in rows])


def grid_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """S^l o F^m for all l and m, with boxes (Fig. 9), RGB."""
    count = range(len(maps.steps))
    return sheet([[maps.product(s, f, side) for s in count] for f in count])


@torch.no_grad()
def diffusion_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^0 diffused p times, and filtered, over p (Fig. 8), RGB."""
    first = [maps.cell(maps.title, None, side)]
    second = [maps.cell('F0', maps.attention(0), side)]
    for p in ITERATIONS:
        diffused, update = maps.filtered(0, p)
        first.append(maps.cell(f'diffused, p = {p}', diffused, side))
        second.append(maps.cell('filtered', update, side))
    return sheet([first, second])


@torch.no_grad()
def filtering_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^l, diffused, and after filtering, of every block (Fig. 3), RGB."""
    rows = []
    for index, block in enumerate(maps.blocks):
        diffused, update = maps.filtered(index, block.num_iters)
        planes = {
            maps.title: None,
            f'F{index}': maps.attention(index),
            'before filtering': diffused,
            f'after, beta {float(block.beta):.3f}': update,
        }
        rows.append([maps.cell(*item, side) for item in planes.items()])
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


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Panels in rows as one picture."""
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


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
