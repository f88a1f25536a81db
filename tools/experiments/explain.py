#!/usr/bin/env python
"""Why runs localize as they do: tools/experiments/explain.py PLAN.

For the best checkpoint of every finished run: what each map is worth on val,
and the gradients of the loss through the two maps on training images.
"""

from __future__ import annotations

import argparse
from itertools import islice

import torch
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint

from mmscm import get_model
from mmscm.apis import load_config
from mmscm.apis.experiments.final_test import best_checkpoint
from mmscm.apis.experiments.gradient_study import gradient_study
from mmscm.apis.experiments.map_study import map_study, map_table
from mmscm.apis.experiments.plan import (
    Experiment,
    add_plan_arguments,
    chosen_runs,
)
from mmscm.apis.experiments.record import RunRecord


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add_plan_arguments(parser)
    parser.add_argument(
        '--batches',
        type=int,
        default=20,
        help='of training images for the gradients (default: 20)',
    )
    parser.add_argument(
        '--start',
        action='store_true',
        help='the weights that the runs started from, not their best',
    )
    return parser.parse_args()


def explain(run: Experiment, batches: int, start: bool) -> None:
    """Print both tables of a run."""
    cfg = load_config(run.config, run.work_dir, run.options)
    chosen = run.start if start else best_checkpoint(run.work_dir)
    model = get_model(cfg, None if start else chosen)
    if start:  # of TS-CAM, so without the scalars of a neck
        load_checkpoint(model, str(chosen), 'cpu', logger='silent')
    print(f'{run.name}, {chosen}\n')
    print(map_table(map_study(model, _loader(cfg.val_dataloader))), '\n')
    if batches:
        training = islice(_loader(cfg.train_dataloader), batches)
        print(gradient_study(model, training).table(), '\n')


def _loader(options: Config) -> torch.utils.data.DataLoader:
    options = {**options, 'num_workers': 0, 'persistent_workers': False}
    return Runner.build_dataloader(options, seed=0)


def main() -> None:
    args = parse_args()
    runs = chosen_runs(args.plan, args.only)
    for run in runs:
        if RunRecord.read(run.work_dir) is not None:
            explain(run, args.batches, args.start)


if __name__ == '__main__':
    main()
