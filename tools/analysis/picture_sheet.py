#!/usr/bin/env python
"""Draw several models on the same test images.

python tools/analysis/picture_sheet.py OUT.png \\
    --model TS-CAM CONFIG CHECKPOINT 0.3 --model SCM CONFIG CHECKPOINT 0.25
"""

from __future__ import annotations

import argparse

from mmscm.apis.figures.picture_sheet import SheetModel, write_picture_sheet


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('out', help='PNG to write')
    parser.add_argument(
        '--model',
        nargs=4,
        action='append',
        required=True,
        metavar=('TITLE', 'CONFIG', 'CHECKPOINT', 'CAM_THR'),
        help='a model and the threshold of its boxes, a fraction of the\n'
        "map's maximum; once for every model",
    )
    parser.add_argument(
        '--num-images', type=int, default=10, help='rows (default: 10)'
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    models = [
        SheetModel(title, config, checkpoint, float(cam_thr))
        for title, config, checkpoint, cam_thr in args.model
    ]
    write_picture_sheet(models, args.out, args.num_images)
    print(f'written to {args.out}')


if __name__ == '__main__':
    main()
