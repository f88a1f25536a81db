#!/usr/bin/env python
"""Read a whole data set and list what is wrong: tools/check_dataset.py CONFIG.

The lists are read and every image goes through the pipeline as in training.
All wrong lines of a list are named, and all images that cannot be read or are
not of the listed size; images only if the lists are in order. The exit status
is 1 when there are problems.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

from mmengine.registry import DATASETS, init_default_scope
from rich.console import Console
from rich.progress import track
from torch.utils.data import DataLoader, Dataset

from mmscm.apis import load_config
from mmscm.datasets import AnnotatedSizeWarning
from mmscm.datasets.annotations import AnnotationError
from mmscm.options import OptionAction, make_parser

SPLITS = ('train', 'val', 'test')


class Problems(Dataset):
    """What is wrong with each sample of a data set, '' if nothing."""

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


def check(config: dict, images: bool, workers: int) -> dict:
    """Counts and ``problems`` of a data set, in the order they were met."""
    found = dict(images=0, classes=0, known_classes=0, boxes=0, problems=[])
    try:
        dataset = DATASETS.build(config)
    except AnnotationError as error:
        return dict(found, problems=[*error.args])
    except (ValueError, FileNotFoundError) as error:
        return dict(found, problems=[str(error)])
    labels = set()
    for index in range(len(dataset)):
        sample = dataset.get_data_info(index)
        labels.add(sample['gt_label'])
        objects = sample.get('gt_bboxes', sample.get('mask_paths', ()))
        found['boxes'] += len(objects)
    found['images'] = len(dataset)
    found['classes'] = len(labels)
    found['known_classes'] = len(dataset.metainfo.get('classes') or ())
    if images:
        # without a batch size, entries come one by one and in order
        loader = DataLoader(
            Problems(dataset), batch_size=None, num_workers=workers
        )
        bar = track(loader, 'images', console=Console(stderr=True))
        found['problems'] = [problem for problem in bar if problem]
    return found


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument('config', help='config file or its name')
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
    args = parser.parse_args()
    cfg = load_config(args.config, options=args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmpretrain'))
    splits = SPLITS if args.split == 'all' else [args.split]
    loaders = {split: cfg.get(f'{split}_dataloader') for split in splits}
    if not any(loaders.values()):
        raise SystemExit(
            f'Expected `{args.split}_dataloader` in the config, but got none.'
        )
    results = {}
    for split, loader in loaders.items():
        if not loader:
            continue
        found = check(loader.dataset, not args.no_images, args.workers)
        results[split] = found
        for problem in found['problems']:
            print(f'{split}: {problem}')
        known = found['known_classes']
        print(
            f'{split}: {found["images"]} images, {found["classes"]}'
            f'{f" of {known}" if known else ""} classes, '
            f'{found["boxes"]} boxes or masks, '
            f'{len(found["problems"])} problems'
        )
    if args.json:
        text = json.dumps(results, indent=2) + '\n'
        args.json.write_text(text, encoding='utf-8')
    if any(found['problems'] for found in results.values()):
        raise SystemExit(1)


if __name__ == '__main__':
    main()
