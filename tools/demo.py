#!/usr/bin/env python
"""Train TS-CAM and SCM on drawn objects, test both and compare them."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import torch
from mmengine.config import Config
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from mmscm.datasets import ToyObjects
from mmscm.evaluation.null_rows import best_centre_box

ROOT = Path(__file__).resolve().parents[1]
METHODS = {'TS-CAM': 'tscam', 'SCM': 'scm'}
CONFIG = 'vit-micro_toy.py'
# arguments of the data set that say nothing about its boxes
DROPPED = ('type', 'pipeline', 'test_mode', '_scope_')
IOU_THRS = (0.3, 0.5, 0.7)
COLUMNS = {
    'Top-1 Cls': 'wsol/top1_cls',
    'Top-1 Loc': 'wsol/top1_loc',
    'GT-Known': 'wsol/gt_known',
    'MaxBoxAcc': 'wsol/max_box_acc',
    'MaxBoxAccV2': 'wsol/max_box_acc_v2',
}
NOTE = (
    'Percent on the test split of ToyObjects, protocol wsoleval, each value '
    'at its best threshold on that split; the side of the centre box is the '
    'best one too.'
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--work-dir', type=Path, default='work_dirs/demo')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='changes to both configs',
    )
    args = parser.parse_args()
    start = time.time()
    folders = {name: args.work_dir / part for name, part in METHODS.items()}
    train_together(folders, args.cfg_options)
    rows = {name: run_test(folder) for name, folder in folders.items()}
    sheet = args.work_dir / 'pictures.png'
    draw_sheet(folders, rows, sheet)
    rows['centre box'] = null_row(folders['SCM'] / CONFIG)
    report(rows, args.work_dir, sheet, time.time() - start)


def train_together(folders: dict[str, Path], options: list[str]) -> None:
    """Train all methods at once, each with its share of the cores."""
    threads = max(1, (os.cpu_count() or 1) // len(folders))
    extra = ['--cfg-options', *options] if options else []
    # older versions of torch do not tell: then without
    capabilities = getattr(torch.cpu, 'get_capabilities', dict)()
    if capabilities.get('avx512_bf16'):
        extra.insert(0, '--amp')  # bfloat16 is the faster one here
    jobs = {}
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        config = ROOT / 'configs' / METHODS[name] / CONFIG
        arguments = ['train.py', str(config), '--work-dir', str(folder)]
        jobs[name] = start(arguments + extra, folder / 'train.log', threads)
    watch(jobs, folders)
    for name, job in jobs.items():
        if job.returncode:
            stop(f'training {name}', folders[name] / 'train.log')


def start(
    arguments: list[str], log: Path, threads: int | None = None
) -> subprocess.Popen:
    """A tool as a process that writes its output to a file."""
    command = [sys.executable, str(ROOT / 'tools' / arguments[0])]
    env = dict(os.environ)
    if threads:
        env['OMP_NUM_THREADS'] = str(threads)
    with log.open('w', encoding='utf-8') as file:
        return subprocess.Popen(
            command + arguments[1:], stdout=file, stderr=file, env=env
        )


def watch(jobs: dict[str, subprocess.Popen], folders: dict[str, Path]) -> None:
    """A progress bar a training, until all have ended."""
    begin = time.time()
    with Progress() as progress:
        bars = {name: progress.add_task(f'train {name}') for name in jobs}
        running = True
        while running:
            time.sleep(1)
            running = any(job.poll() is None for job in jobs.values())
            for name, bar in bars.items():
                done, total = iterations(folders[name], begin)
                if jobs[name].returncode == 0:  # the log ends before
                    done = total
                progress.update(bar, completed=done, total=total)


def iterations(folder: Path, begin: float) -> tuple[int, int | None]:
    """Iterations done and planned, as the training itself logs them."""
    logs = folder.glob('*/vis_data/scalars.json')
    fresh = [log for log in logs if log.stat().st_mtime >= begin]
    if not fresh:
        return 0, None
    records = [json.loads(line) for line in fresh[-1].open(encoding='utf-8')]
    steps = [row['iter'] for row in records if 'iter' in row]
    cfg = Config.fromfile(folder / CONFIG)
    batch = cfg.train_dataloader.batch_size
    epoch = cfg.train_dataloader.dataset.length // batch
    return max(steps, default=0), epoch * cfg.train_cfg.max_epochs


def run(what: str, arguments: list[str], log: Path) -> None:
    """Run a tool to its end."""
    if start(arguments, log).wait():
        stop(what, log)


def run_test(folder: Path) -> dict[str, float]:
    """Metrics of the best checkpoint on the test split."""
    arguments = ['test.py', str(folder / CONFIG), str(best_checkpoint(folder))]
    arguments += ['--work-dir', str(folder)]
    run('testing', arguments, folder / 'test.log')
    return json.loads((folder / 'test_metrics.json').read_text('utf-8'))[
        'metrics'
    ]


def best_checkpoint(folder: Path) -> Path:
    """The checkpoint with the best GT-Known on the val split."""
    found = folder.glob('best_wsol_gt_known_epoch_*.pth')
    return max(found, key=lambda path: path.stat().st_mtime)


def draw_sheet(
    folders: dict[str, Path], rows: dict[str, dict[str, float]], sheet: Path
) -> None:
    """Draw the methods on the same images, each at its best threshold."""
    arguments = ['analysis/picture_sheet.py', str(sheet)]
    for name, folder in folders.items():
        thr = str(rows[name]['wsol/gt_known_thr'])
        files = [str(folder / CONFIG), str(best_checkpoint(folder))]
        arguments += ['--model', name, *files, thr]
    run('drawing', arguments, sheet.with_suffix('.log'))


def null_row(config: Path) -> dict[str, float]:
    """What the best centred square scores on the test split."""
    dataset = Config.fromfile(config).test_dataloader.dataset
    options = {key: dataset[key] for key in dataset if key not in DROPPED}
    toys = ToyObjects(**options)
    boxes = [toys.render(index)['gt_bboxes'] for index in range(len(toys))]
    scores = {
        iou_thr: best_centre_box(boxes, toys.img_size, iou_thr)[0]
        for iou_thr in IOU_THRS
    }
    return {
        'wsol/gt_known': scores[0.5],
        'wsol/max_box_acc': scores[0.5],
        'wsol/max_box_acc_v2': sum(scores.values()) / len(scores),
    }


def report(
    rows: dict[str, dict[str, float]],
    work_dir: Path,
    sheet: Path,
    seconds: float,
) -> None:
    """Print the table and write it as Markdown."""
    table = Table('Method', *COLUMNS, title='ToyObjects, vit-micro, 112 px')
    lines = [['Method', *COLUMNS], ['---', *('---:' for _ in COLUMNS)]]
    for name, metrics in rows.items():
        values = [metrics.get(key) for key in COLUMNS.values()]
        cells = ['-' if v is None else f'{v:.1f}' for v in values]
        table.add_row(name, *cells)
        lines.append([name, *cells])
    text = '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)
    path = work_dir / 'report.md'
    path.write_text(
        f'{text}\n\n{NOTE}\n\n![results]({sheet.name})\n', encoding='utf-8'
    )
    console = Console()
    console.print(table)
    console.print(NOTE)
    console.print(f'Pictures: {sheet}\nReport: {path}')
    console.print(f'{seconds / 60:.1f} minutes')


def stop(what: str, log: Path) -> None:
    """End with the last lines of a log."""
    tail = '\n'.join(log.read_text(encoding='utf-8').splitlines()[-20:])
    sys.exit(f'{tail}\nFailed at {what}. The whole log is {log}.')


if __name__ == '__main__':
    main()
