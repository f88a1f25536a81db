#!/usr/bin/env python
"""Measure speed and memory: python tools/benchmark.py --what neck.

Variants run in turn, and what counts is the ratio to the first of them; see
docs/benchmarks.md. The clock is the CPU time of this process by default.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import torch

from mmscm.apis.benchmark.attention import benchmark_attention
from mmscm.apis.benchmark.boxes import benchmark_boxes
from mmscm.apis.benchmark.data import benchmark_data
from mmscm.apis.benchmark.evaluation import benchmark_evaluation
from mmscm.apis.benchmark.inference import benchmark_inference
from mmscm.apis.benchmark.neck import benchmark_neck
from mmscm.apis.benchmark.plots import plot_neck
from mmscm.apis.benchmark.report import tables, write_json
from mmscm.apis.benchmark.setting import Setting
from mmscm.apis.benchmark.step import (
    benchmark_overhead,
    benchmark_step,
    compare_losses,
)
from mmscm.apis.benchmark.timing import CLOCKS

BENCHMARKS = {
    'neck': benchmark_neck,
    'step': benchmark_step,
    'overhead': benchmark_overhead,
    'losses': compare_losses,
    'attention': benchmark_attention,
    'inference': benchmark_inference,
    'eval': benchmark_evaluation,
    'boxes': benchmark_boxes,
    'data': benchmark_data,
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('--what', choices=BENCHMARKS, required=True)
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--num-classes', type=int, default=200)
    parser.add_argument('--img-size', type=int, default=224, help='pixels')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--clock', choices=CLOCKS, default='cpu')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument(
        '--compiled',
        action='store_true',
        help='--what step with compiled backbones too (minutes to compile)',
    )
    parser.add_argument(
        '--images', default='', help='folder of JPEG files for --what data'
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('work_dirs/benchmark'),
        help='folder of WHAT.json and, for the neck, neck.png',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    warnings.simplefilter('ignore')
    torch.set_num_threads(args.threads)
    setting = Setting(
        args.batch,
        args.num_classes,
        args.img_size,
        args.rounds,
        args.clock,
        args.compiled,
    )
    extra = dict(images=args.images) if args.what == 'data' else {}
    results = BENCHMARKS[args.what](setting, **extra)
    print(tables(results))
    write_json(args.out / f'{args.what}.json', args.what, setting, results)
    if args.what == 'neck':
        plot_neck(results, args.out / 'neck.png')


if __name__ == '__main__':
    main()
