#!/usr/bin/env python
"""Localize images: python tools/infer.py IMG_OR_DIR CONFIG CHECKPOINT.

Writes OUT_DIR/results.json (COCO's format of results: boxes x, y, width,
height in pixels of the original images) and one picture an image.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mmscm import LocalizationInferencer

SHOWN = 20  # rows of the printed table


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('images', help='image, folder of images, or URL')
    parser.add_argument('config', help='config file or its name')
    parser.add_argument('checkpoint', help='checkpoint file or URL')
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('outputs'),
        help='folder of results.json and pictures (default: outputs)',
    )
    parser.add_argument(
        '--no-pictures', action='store_true', help='write results.json only'
    )
    parser.add_argument(
        '--target',
        metavar='CLASS',
        help='class to localize, by name or index (default: most probable)',
    )
    parser.add_argument(
        '--cam-thr',
        type=float,
        help='threshold, a fraction of the maximum of the map\n'
        '(default: the one stored in the checkpoint)',
    )
    parser.add_argument(
        '--all-contours',
        action='store_true',
        help='boxes of all contours instead of the largest',
    )
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument(
        '--flip', action='store_true', help='average with mirrored images'
    )
    parser.add_argument(
        '--scales',
        type=float,
        nargs='+',
        default=[1.0],
        help='average over these sizes of the network input',
    )
    return parser.parse_args()


def show(results: list[dict], console: Console) -> None:
    table = Table('Image', 'Class', 'Score', 'Box, pixels')
    for result in results[:SHOWN]:
        boxes = result['bboxes'].round().astype(int).tolist()
        text = ' '.join(str(box) for box in boxes)
        score = f'{result["score"]:.2f}'
        table.add_row(result['name'], result['class'], score, text)
    console.print(table)
    if len(results) > SHOWN:
        console.print(f'and {len(results) - SHOWN} more')


def main() -> None:
    args = parse_args()
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, args.device, cam_thr=args.cam_thr
    )
    results = inferencer(
        args.images,
        batch_size=args.batch_size,
        target=args.target,
        all_contours=args.all_contours,
        flip=args.flip,
        scales=args.scales,
        show_dir=None if args.no_pictures else args.out_dir,
        out_dir=args.out_dir,
    )
    console = Console()
    show(results, console)
    console.print(f'{len(results)} images, threshold {results[0]["cam_thr"]}')
    console.print(f'{args.out_dir}/results.json', soft_wrap=True)


if __name__ == '__main__':
    main()
