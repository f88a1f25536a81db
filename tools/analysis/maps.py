#!/usr/bin/env python
"""What each map of a model is worth: tools/analysis/maps.py CONFIG CHECKPOINT

Scores the semantic map S0, the attention map F0 and their product on images
with boxes, and with a neck the maps after it, which the loss sees, and how far
p steps of its first block diffuse. With --batches, takes the gradient of the
loss apart on training images. The config may be the one that a training wrote
into its work directory.
"""

from __future__ import annotations

import argparse
from itertools import islice

import torch
from map_study import map_study, map_table
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint
from neck_study import (
    diffusion_study,
    diffusion_table,
    gradient_study,
    gradient_table,
)

from mmscm import get_model
from mmscm.apis import OptionAction, load_config
from mmscm.engine.checkpoint import refuse_code_in_checkpoints


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint',
        help='checkpoint file; of a training without the neck, the neck is\n'
        'as before training',
    )
    parser.add_argument(
        '--split',
        choices=['val', 'test'],
        default='val',
        help='images with boxes (default: val)',
    )
    parser.add_argument(
        '--batches',
        type=int,
        default=0,
        help='training batches for the gradients (default: 0)',
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=OptionAction, metavar='KEY=VALUE'
    )
    return parser.parse_args()


def loader(options: Config) -> torch.utils.data.DataLoader:
    alone = dict(num_workers=0, persistent_workers=False, pin_memory=False)
    return Runner.build_dataloader({**options, **alone}, seed=0)


def main() -> None:
    args = parse_args()
    refuse_code_in_checkpoints()
    cfg = load_config(args.config, options=args.cfg_options)
    model = get_model(cfg)
    load_checkpoint(model, args.checkpoint, 'cpu')  # warns of what is missing
    images = loader(cfg[f'{args.split}_dataloader'])
    print(f'\n{args.checkpoint}, {args.split}, percent\n')
    print(map_table(map_study(model, images)))
    if model.with_neck and len(model.neck.blocks):
        print('\nF0 diffused by the first block: cosines, percent\n')
        print(diffusion_table(diffusion_study(model, images)))
    if args.batches:
        training = islice(loader(cfg.train_dataloader), args.batches)
        print(f'\n{args.batches} training batches\n')
        print(gradient_table(gradient_study(model, training)))


if __name__ == '__main__':
    main()
