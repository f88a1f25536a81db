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
from pathlib import Path

import mmcv
import numpy as np

from mmscm import LocalizationInferencer
from mmscm.apis.figures.compare import compare_figure
from mmscm.apis.figures.curves import depth_figure, scalars_figure
from mmscm.apis.figures.maps import (
    block_maps,
    blocks_figure,
    diffusion_figure,
    filtering_figure,
    grid_figure,
)

OF_MAPS = {
    'blocks': blocks_figure,
    'grid': grid_figure,
    'diffusion': diffusion_figure,
    'filtering': filtering_figure,
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest='kind', required=True)
    for name, function in OF_MAPS.items():
        kind = kinds.add_parser(name, help=function.__doc__)
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
    return parser.parse_args()


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
    return OF_MAPS[args.kind](maps, args.side)


def main() -> None:
    args = parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    if args.kind in ('scalars', 'depth'):
        plot = scalars_figure if args.kind == 'scalars' else depth_figure
        plot(args.work_dir).savefig(args.out, dpi=150)
    else:
        mmcv.imwrite(draw(args)[..., ::-1], str(args.out))
    print(args.out)


if __name__ == '__main__':
    main()
