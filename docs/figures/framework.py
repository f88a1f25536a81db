#!/usr/bin/env python
"""Draw the method (the content of the paper's Figure 2) with real maps.

python docs/figures/framework.py CONFIG CHECKPOINT --out FILE.png

The maps are those of the checkpoint on one test image of ToyObjects.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from canvas import DROPPED, LEARNED, Canvas

from mmscm import LocalizationInferencer
from mmscm.datasets import ToyObjects

sys.path.append(str(Path(__file__).parents[2] / 'tools' / 'analysis'))
from figures import BlockMaps, block_maps

SIDE = 13  # of a picture, in units of the sheet


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file or its name')
    parser.add_argument('checkpoint')
    parser.add_argument('--scene', type=int, default=0, help='test image')
    parser.add_argument('--out', type=Path, default=Path('framework.png'))
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    scene = ToyObjects(split='test').render(args.scene)
    inferencer = LocalizationInferencer(args.config, args.checkpoint)
    maps = block_maps(inferencer, scene['img'])
    canvas = Canvas(142, 66)
    draw_training(canvas, maps)
    draw_inference(canvas, maps)
    draw_block(canvas)
    canvas.save(args.out)
    print(args.out)


def draw_training(canvas: Canvas, maps: BlockMaps) -> None:
    """From the image to the loss, the upper half."""
    last = len(maps.blocks)
    canvas.text(2, 63, 'Training', size=12, weight='bold', ha='left')
    canvas.picture(2, 42, SIDE, maps.image, 'image')
    canvas.arrow((15, 48.5), (19, 48.5))
    canvas.box(
        19, 38, 14, 21, 'Transformer:\npatches and\nclass token', LEARNED
    )
    canvas.box(37, 51.5, 16, 8, '3 × 3 convolution\nof tokens (2)', LEARNED)
    canvas.box(37, 37.5, 16, 8, 'attention of the\nclass token (1)')
    canvas.arrow((33, 55.5), (37, 55.5))
    canvas.arrow((33, 41.5), (37, 41.5))
    place(canvas, maps, 56, 49, 'semantic', 0, '$S^0$ of a class')
    place(canvas, maps, 56, 33, 'attention', 0, '$F^0$')
    canvas.arrow((53, 55.5), (56, 55.5))
    canvas.arrow((53, 41.5), (56, 41.5))
    canvas.box(74, 33, 18, 29, '', DROPPED)
    canvas.text(83, 59.5, 'SCM (training only)', weight='bold')
    for index in range(last):
        canvas.box(76, 52 - 5.7 * index, 14, 4.4, f'ADB {index + 1}', LEARNED)
    canvas.arrow((69, 55.5), (74, 55.5))
    canvas.arrow((69, 39.5), (74, 39.5))
    place(canvas, maps, 97, 49, 'semantic', last, f'$S^{{{last}}}$')
    place(canvas, maps, 97, 33, 'attention', last, f'$F^{{{last}}}$')
    canvas.arrow((92, 55.5), (97, 55.5))
    canvas.arrow((92, 39.5), (97, 39.5))
    canvas.arrow((110, 55.5), (114, 55.5))
    canvas.box(114, 52, 10, 7, 'global\naverage')
    canvas.arrow((124, 55.5), (128, 55.5))
    canvas.box(128, 52, 12, 7, 'loss with\nthe label')


def draw_inference(canvas: Canvas, maps: BlockMaps) -> None:
    """Product of the first maps, lower left."""
    canvas.text(2, 27, 'Test', size=12, weight='bold', ha='left')
    place(canvas, maps, 2, 8, 'semantic', 0, '$S^0$ of a class')
    canvas.text(17, 14.5, '×', size=16)
    place(canvas, maps, 19, 8, 'attention', 0, '$F^0$')
    canvas.arrow((32, 14.5), (37, 14.5))
    pixels = maps.product(0, 0, 224)[:224]  # without its caption
    canvas.picture(37, 8, SIDE, pixels, 'map and box')
    canvas.text(
        26, 2.5, 'The SCM is dropped; the class is that of GAP($S^0$).'
    )


def draw_block(canvas: Canvas) -> None:
    """One diffusion block, lower right."""
    canvas.box(58, 1, 82, 26.5, '', DROPPED)
    canvas.text(60, 25, 'One block (ADB)', weight='bold', ha='left')
    canvas.text(60.5, 19.5, '$S^l$', size=12)
    canvas.text(60.5, 7.5, '$F^l$', size=12)
    canvas.arrow((62.5, 19.5), (65, 19.5))
    canvas.box(65, 15.5, 18, 8, 'similarity of\nneighbours $E$ (3)')
    canvas.arrow((83, 19.5), (86, 19.5))
    canvas.box(86, 15.5, 18, 8, 'Laplacian $L$\nwith $\\lambda$ (4)', LEARNED)
    canvas.arrow((95, 15.5), (95, 11.5))
    canvas.box(86, 3.5, 18, 8, 'diffusion $X_p F^l$:\n$p$ steps (5), (6)')
    canvas.arrow((62.5, 7.5), (86, 7.5))
    canvas.arrow((104, 7.5), (107, 7.5))
    canvas.box(107, 3.5, 14, 8, 'filter $T$ with\n$\\beta$ (7)', LEARNED)
    canvas.arrow((121, 7.5), (126, 7.5))
    canvas.text(133, 7.5, '$F^{l+1}=F^l+u$')
    canvas.text(124.3, 9.2, '$u$')
    canvas.arrow((123, 7.5), (123, 17.5))
    canvas.text(127, 19.5, '$S^{l+1}=S^l+S^l\\circ u$')


def place(
    canvas: Canvas,
    maps: BlockMaps,
    left: float,
    bottom: float,
    kind: str,
    index: int,
    caption: str,
) -> None:
    """A map of one block, laid over the image."""
    plane: np.ndarray = getattr(maps, kind)(index)
    pixels = maps.cell('', plane, 224)[:224]
    canvas.picture(left, bottom, SIDE, pixels, caption)


if __name__ == '__main__':
    main()
