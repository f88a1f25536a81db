#!/usr/bin/env python
"""Test a checkpoint: python tools/test.py CONFIG CHECKPOINT."""

from __future__ import annotations

import argparse
from pathlib import Path

import mmengine
from mmengine.config import DictAction
from mmengine.dist import is_main_process
from mmengine.evaluator import DumpResults

from mmscm.apis import build_runner, load_config, set_testing

PREDICTIONS = ('.pkl', '.pickle')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file or URL')
    parser.add_argument(
        '--work-dir',
        help='folder of the log and test_metrics.json\n'
        '(default: work_dirs/<folder>/<config>)',
    )
    parser.add_argument(
        '--out',
        metavar='FILE',
        help='also write the metrics (FILE.json) or the prediction of every\n'
        'image with its maps (FILE.pkl)',
    )
    parser.add_argument(
        '--show-dir', help='folder for pictures of maps and boxes'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, for example\ntest_dataloader.batch_size=8',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='what started the processes; see tools/dist_test.sh',
    )
    args = parser.parse_args()
    if args.out and Path(args.out).suffix not in ('.json', *PREDICTIONS):
        parser.error(f'Expected --out *.json or *.pkl, but got {args.out}.')
    return args


def write(metrics: dict, args: argparse.Namespace, work_dir: str) -> None:
    """Print every metric and store them with what they were measured on."""
    width = max(map(len, metrics), default=0)
    for name, value in metrics.items():
        shown = f'{value:.2f}' if isinstance(value, float) else value
        print(f'{name:{width}}  {shown}')
    record = dict(
        config=args.config, checkpoint=args.checkpoint, metrics=metrics
    )
    paths = [Path(work_dir, 'test_metrics.json')]
    if args.out and Path(args.out).suffix == '.json':
        paths.append(Path(args.out))
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        mmengine.dump(record, path, indent=2)


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, args.work_dir, args.cfg_options)
    set_testing(cfg, args.checkpoint, args.show_dir)
    runner = build_runner(cfg, launcher=args.launcher)
    if args.out and Path(args.out).suffix in PREDICTIONS:
        runner.test_evaluator.metrics.append(DumpResults(args.out))
    metrics = runner.test()
    if is_main_process():
        write(metrics, args, runner.work_dir)


if __name__ == '__main__':
    main()
