#!/usr/bin/env python
"""Localize images: python tools/infer.py IMG_OR_DIR CONFIG CHECKPOINT.

Writes OUT_DIR/results.json (COCO's format of results: boxes x, y, width,
height in pixels of the original images) and one picture an image.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mmscm import LocalizationInferencer
from mmscm.apis.localization import Localization

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
        *('--all-objects', '--all-contours'),
        action='store_true',
        help='a box for every separate part of the map above the threshold',
    )
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--device', help='default: a GPU if there is one')
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


def coco_results(results: list[Localization]) -> list[dict]:
    """One entry a box, as COCO's tools take results.

    Classes count from 0, ``bbox`` is x, y, width, height in pixels.
    """
    return [
        dict(
            image_id=image_id,
            file_name=result['name'],
            category_id=result['label'],
            category_name=result['class'],
            bbox=[x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)],
            score=result['score'],
        )
        for image_id, result in enumerate(results)
        for x0, y0, x1, y1 in result['bboxes'].tolist()
    ]


def main() -> None:
    args = parse_args()
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, args.device, cam_thr=args.cam_thr
    )
    results = inferencer(
        args.images,
        batch_size=args.batch_size,
        target=args.target,
        all_objects=args.all_objects,
        show_dir=None if args.no_pictures else args.out_dir,
    )
    path = args.out_dir / 'results.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_results(results), indent=1))
    console = Console()
    show(results, console)
    console.print(f'{len(results)} images, threshold {results[0]["cam_thr"]}')
    console.print(str(path), soft_wrap=True)


if __name__ == '__main__':
    main()
