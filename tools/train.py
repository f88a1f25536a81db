#!/usr/bin/env python
"""Train a model: python tools/train.py CONFIG."""

from __future__ import annotations

import argparse

from torch.distributed.elastic.multiprocessing.errors import record

from mmscm.apis import build_runner, load_config, set_training
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.options import run_parser


def parse_args() -> argparse.Namespace:
    parser = run_parser(__doc__)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from a checkpoint, or without a value (or with "auto")\n'
        'from the latest one of the work dir that can be read',
    )
    parser.add_argument(
        '--amp',
        action='store_true',
        help='mixed precision: float16 on a GPU, bfloat16 on the CPU',
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate to the batch size of all processes',
    )
    return parser.parse_args()


@record  # torchrun quotes the error of the process that failed first
def main() -> None:
    args = parse_args()
    refuse_code_in_checkpoints()
    cfg = load_config(args.config, args.work_dir, args.cfg_options)
    set_training(
        cfg,
        resume=args.resume,
        amp=args.amp,
        auto_scale_lr=args.auto_scale_lr,
    )
    build_runner(cfg, launcher=args.launcher).train()


if __name__ == '__main__':
    main()
