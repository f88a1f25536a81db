#!/usr/bin/env python
"""Test a checkpoint: python tools/test.py CONFIG [CHECKPOINT]."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.evaluator import DumpResults
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.distributed.elastic.multiprocessing.errors import record

from mmscm.apis import build_runner, load_config, set_testing
from mmscm.apis.results import (
    FILE_NAME,
    TestRecord,
    curves_of,
    print_results,
    result_rows,
    scores_of,
)
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.engine.thresholds import thresholds_of
from mmscm.evaluation.box_metric import BoxMetric
from mmscm.evaluation.score import warn_of_doubts
from mmscm.options import run_parser

sys.path.append(str(Path(__file__).parent / 'analysis'))
from image_rows import ImageRows


def parse_args() -> argparse.Namespace:
    parser = run_parser(__doc__)
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint file or URL (default: `load_from` of the config)',
    )
    parser.add_argument(
        '--out',
        metavar='FILE',
        help='also write the metrics (FILE.json) or the prediction of every\n'
        'image with its maps (FILE.pkl)',
    )
    parser.add_argument(
        '--no-analysis',
        action='store_true',
        help='do not store boxes and small pictures of every image in\n'
        '<work dir>/analysis, which tools/analysis/report.py reads',
    )
    parser.add_argument(
        '--show-dir', help='folder for pictures of maps and boxes'
    )
    args = parser.parse_args()
    if args.out and not args.out.endswith(('.json', '.pkl', '.pickle')):
        parser.error(f'Expected --out *.json or *.pkl, but got {args.out}.')
    return args


class ProgressHook(Hook):
    """Log how far a test is: at once, then after 1, 2, 4, ... seconds."""

    def before_test_epoch(self, runner: Runner) -> None:
        images = len(runner.test_dataloader.dataset)
        self.batches = len(runner.test_dataloader)
        runner.logger.info(f'Test: {images} images, {self.batches} batches')
        self.began, self.wait = time.monotonic(), 1

    def after_test_iter(
        self, runner: Runner, batch_idx: int, *args: Any, **kwargs: Any
    ) -> None:
        passed, done = time.monotonic() - self.began, batch_idx + 1
        if passed > self.wait and done < self.batches:
            left = passed * (self.batches / done - 1)
            runner.logger.info(
                f'Test: {done} of {self.batches} batches, {left:.0f} s left'
            )
            while self.wait < passed:
                self.wait *= 2


def image_rows(runner: Runner) -> ImageRows | None:
    """Rows of the images, if boxes are scored in the test."""
    for metric in runner.test_evaluator.metrics:
        if isinstance(metric, BoxMetric):
            dataset = runner.test_dataloader.dataset
            classes = dataset.metainfo.get('classes') or ()
            device = metric.collect_device
            return ImageRows(runner.work_dir, len(dataset), classes, device)
    return None


def report(runner: Runner, metrics: dict, args: argparse.Namespace) -> None:
    """Print the results and store them with what they were measured on."""
    scores = scores_of(runner.test_evaluator.metrics)
    stored = thresholds_of(runner.model)
    record = TestRecord(
        config=args.config,
        checkpoint=args.checkpoint,
        metrics=metrics,
        rows=result_rows(scores, stored),
        curves=curves_of(scores),
        stored=None if stored is None else asdict(stored),
    )
    if record.rows:
        print_results(record.rows, f'{args.checkpoint}')
    for name, value in record.unshown().items():
        shown = f'{value:.2f}' if isinstance(value, float) else value
        print(f'{name}  {shown}')
    warn_of_doubts(scores)
    record.write(Path(runner.work_dir, FILE_NAME))
    if args.out and args.out.endswith('.json'):
        record.write(args.out)


@record  # torchrun quotes the error of the process that failed first
def main() -> None:
    args = parse_args()
    refuse_code_in_checkpoints()
    cfg = load_config(args.config, args.work_dir, args.cfg_options)
    args.checkpoint = args.checkpoint or cfg.get('load_from')
    if args.checkpoint is None:
        raise SystemExit(
            f'Expected a checkpoint for {args.config}, which loads none by '
            'itself, but got none.'
        )
    set_testing(cfg, args.checkpoint, args.show_dir)
    runner = build_runner(cfg, launcher=args.launcher)
    runner.register_hook(ProgressHook(), 'LOW')
    rows = None if args.no_analysis else image_rows(runner)
    if rows is not None:
        runner.test_evaluator.metrics.append(rows)
    if args.out and not args.out.endswith('.json'):
        runner.test_evaluator.metrics.append(DumpResults(args.out))
    metrics = runner.test()
    if is_main_process():
        report(runner, metrics, args)
        if rows is not None:
            rows.write(thresholds_of(runner.model))


if __name__ == '__main__':
    main()
