#!/usr/bin/env python
"""Read a whole data set and list what is wrong: tools/check_dataset.py CONFIG.

The lists are read by the code that training uses, which goes on after every
problem instead of stopping at the first. Then every image is decoded. The exit
status is 1 when there are problems.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from mmengine.config import DictAction
from rich.console import Console
from rich.progress import track

from mmscm.apis import load_config
from mmscm.apis.dataset_check import SplitCheck, check_splits


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--split', choices=['train', 'val', 'test', 'all'], default='all'
    )
    parser.add_argument(
        '--no-images', action='store_true', help='read the lists only'
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=0,
        help='processes that read images (default: 0, only this one)',
    )
    parser.add_argument(
        '--json', type=Path, metavar='OUT', help='file for all that was found'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, for example\n'
        'train_dataloader.dataset.data_root=data/mine',
    )
    return parser.parse_args()


def show(check: SplitCheck) -> None:
    """Problems one a line, then a summary."""
    for error in check.problems:
        print(f'{check.split}: {error}')
    named = f' of {check.known_classes}' if check.known_classes else ''
    print(
        f'{check.split}: {check.images} images, {check.classes}{named} '
        f'classes, {check.boxes} boxes or masks, '
        f'{len(check.problems)} problems'
    )
    if check.read:
        (h0, w0), (h1, w1) = check.smallest, check.largest
        print(
            f'{check.split}: {check.read} images read, width {w0} to {w1}, '
            f'height {h0} to {h1}, {check.rotated} used without the rotation '
            'that EXIF asks for'
        )


def bar(items: Iterable, total: int, console: Console) -> Iterable:
    """A progress bar beside the output, not in it."""
    return track(items, 'images', total=total, console=console)


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, options=args.cfg_options)
    checks = check_splits(
        cfg,
        args.split,
        images=not args.no_images,
        workers=args.workers,
        progress=partial(bar, console=Console(stderr=True)),
    )
    for check in checks:
        show(check)
    if args.json:
        content = {check.split: check.to_dict() for check in checks}
        args.json.write_text(json.dumps(content, indent=2) + '\n')
    if any(check.problems for check in checks):
        raise SystemExit(1)


if __name__ == '__main__':
    main()
