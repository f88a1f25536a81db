#!/usr/bin/env python
"""Score a folder of score maps, of any model, against a metadata split.

python tools/analysis/eval_maps.py MAPS_FOLDER data/wsol_metadata/CUB/test

A map is a .npy or .npz file with values in [0, 1], of any size; that of the
image val2/995/0.jpeg is MAPS_FOLDER/val2/995/0.npy.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from mmengine.logging import MMLogger
from offline import evaluate_maps
from rich.progress import Progress

from mmscm.apis.results import print_results


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('maps', help='folder of the maps')
    parser.add_argument(
        'split_folder',
        help='folder of image_ids.txt, image_sizes.txt, localization.txt',
    )
    parser.add_argument(
        '--predictions',
        metavar='CSV',
        help='lines `id,label` or `id,label1,...,label5`, for Top-k Loc',
    )
    parser.add_argument(
        '--masks',
        metavar='FOLDER',
        help='folder of the masks named in localization.txt: PxAP instead\n'
        'of boxes',
    )
    parser.add_argument(
        '--cam-thr',
        type=float,
        nargs='+',
        default=[0.1],
        help='thresholds of the fixed rows (default: 0.1, as TS-CAM on CUB)',
    )
    parser.add_argument(
        '--step',
        type=float,
        default=0.01,
        help='step of the grid of thresholds (default: 0.01)',
    )
    parser.add_argument(
        '--size', type=int, default=224, help='side of the grid in pixels'
    )
    parser.add_argument(
        '--ignore-unknown',
        action='store_true',
        help='accept maps that belong to no id',
    )
    parser.add_argument(
        '--workers', type=int, default=0, help='processes (default: all cores)'
    )
    parser.add_argument('--out', metavar='JSON', help='also write the rows')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # the table says what the metrics would log
    MMLogger.get_instance('eval_maps', log_level='WARNING')
    try:
        with Progress() as bars:
            bar = bars.add_task('maps', total=None)
            rows = evaluate_maps(
                args.maps,
                args.split_folder,
                size=args.size,
                step=args.step,
                fixed_thrs=args.cam_thr,
                predictions=args.predictions,
                mask_root=args.masks,
                ignore_unknown=args.ignore_unknown,
                workers=args.workers,
                progress=lambda done, total: bars.update(
                    bar, completed=done, total=total
                ),
            )
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f'error: {error}')
    print_results(rows, args.maps)
    if args.out:
        record = [asdict(row) for row in rows]
        Path(args.out).write_text(
            json.dumps(record, indent=2) + '\n', encoding='utf-8'
        )


if __name__ == '__main__':
    main()
