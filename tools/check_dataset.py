#!/usr/bin/env python
"""Read a whole data set and list what is wrong: tools/check_dataset.py CONFIG.

The lists are read and every image goes through the pipeline as in training.
All wrong lines of a list are named, and all images that cannot be read or are
not of the listed size; images only if the lists are in order. The exit status
is 1 when there are problems.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope
from rich.console import Console
from rich.progress import track
from torch.utils.data import DataLoader, Dataset

from mmscm.apis import OptionAction, load_config
from mmscm.datasets import AnnotatedSizeWarning

SPLITS = ('train', 'val', 'test')


class Problems(Dataset):
    """What is wrong with each sample of a data set, '' if nothing.

    Args:
        dataset (Dataset): Its pipeline reads the images.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter('error', AnnotatedSizeWarning)
            try:
                self.dataset[index]
            except Exception as error:  # the transforms' own kinds
                path = self.dataset.get_data_info(index).get('img_path', '')
                message = str(error)
                return message if path in message else f'{path}: {message}'
        return ''


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('--split', choices=[*SPLITS, 'all'], default='all')
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
        action=OptionAction,
        metavar='KEY=VALUE',
        help='change the config, for example\n'
        'train_dataloader.dataset.data_root=data/mine',
    )
    return parser.parse_args()


def check_split(cfg: Config, split: str, images: bool, workers: int) -> dict:
    """Counts and ``problems`` of a split, in the order they were met."""
    counts = dict(images=0, classes=0, known_classes=0, boxes=0)
    try:
        dataset = DATASETS.build(cfg[f'{split}_dataloader'].dataset)
    except (ValueError, FileNotFoundError) as error:
        problems = [*getattr(error, 'problems', [str(error)])]
        return dict(counts, problems=problems)
    labels = set()
    for index in range(len(dataset)):
        sample = dataset.get_data_info(index)
        labels.add(sample['gt_label'])
        objects = sample.get('gt_bboxes', sample.get('mask_paths', ()))
        counts['boxes'] += len(objects)
    names = dataset.metainfo.get('classes') or ()
    counts.update(
        images=len(dataset), classes=len(labels), known_classes=len(names)
    )
    problems = []
    if images:
        # without a batch size, entries come one by one and in order
        loader = DataLoader(
            Problems(dataset), batch_size=None, num_workers=workers
        )
        bar = track(loader, 'images', console=Console(stderr=True))
        problems = [problem for problem in bar if problem]
    return dict(counts, problems=problems)


def show(split: str, found: dict) -> None:
    """Problems one a line, then a summary."""
    for problem in found['problems']:
        print(f'{split}: {problem}')
    named = f' of {found["known_classes"]}' if found['known_classes'] else ''
    print(
        f'{split}: {found["images"]} images, {found["classes"]}{named} '
        f'classes, {found["boxes"]} boxes or masks, '
        f'{len(found["problems"])} problems'
    )


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, options=args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmpretrain'))
    splits = [args.split] if args.split != 'all' else SPLITS
    splits = [s for s in splits if cfg.get(f'{s}_dataloader')]
    if not splits:
        raise SystemExit(
            f'Expected `{args.split}_dataloader` in the config, but got none.'
        )
    found = {}
    for split in splits:
        found[split] = check_split(
            cfg, split, not args.no_images, args.workers
        )
        show(split, found[split])
    if args.json:
        args.json.write_text(
            json.dumps(found, indent=2) + '\n', encoding='utf-8'
        )
    if any(checked['problems'] for checked in found.values()):
        raise SystemExit(1)


if __name__ == '__main__':
    main()
