"""Every command of the tutorials runs as it is printed.

Blocks marked ``shell-serves`` (they serve until stopped) and ``shell-data``
(they need data that is not here) are checked for their files only.
"""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmscm import get_model
from mmscm.apis import load_config
from mmscm.registry import DATASETS, MODELS

ROOT = Path(__file__).parents[2]
PAGES = ROOT / 'docs' / 'tutorials'
CHECKPOINT = 'work_dirs/demo/{}/epoch_3.pth'


def blocks(page, kind):
    """Fenced blocks of a page."""
    text = (PAGES / f'{page}.md').read_text()
    return re.findall(rf'```{kind}\n(.*?)```', text, re.DOTALL)


def commands(page, kind='shell'):
    """Commands of a page, without their python."""
    lines = '\n'.join(blocks(page, kind)).replace('\\\n', ' ').splitlines()
    return [line.removeprefix('python ') for line in lines if line]


def write_image(path, seed=0, size=(60, 80)):
    noise = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.resize(noise, size[::-1]))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A checkout with the work directories that ``make demo`` leaves."""
    folder = tmp_path_factory.mktemp('checkout')
    for name in ('tools', 'examples'):
        (folder / name).symlink_to(ROOT / name)
    (folder / 'configs' / 'scm').mkdir(parents=True)
    (folder / 'configs' / '_base_').symlink_to(ROOT / 'configs' / '_base_')
    base = 'configs/scm/vit-micro_imagenette.py'
    (folder / base).symlink_to(ROOT / base)
    for method in ('scm', 'tscam'):
        name = f'{method}_vit-micro_toy'
        model = get_model(name)
        path = folder / CHECKPOINT.format(method)
        path.parent.mkdir(parents=True)
        meta = dict(
            dataset_meta=dict(classes=[f'mark {i}' for i in range(10)])
        )
        torch.save(dict(state_dict=model.state_dict(), meta=meta), path)
        model._config.dump(path.parent / 'vit-micro_toy.py')
    write_scalars(folder / 'work_dirs/demo/scm')
    for seed, name in enumerate(('a.jpg', 'b.jpg')):
        write_image(folder / 'photos' / name, seed)
    write_image(folder / 'photo.png')
    image = cv2.imread(str(folder / 'photo.png'))[..., ::-1]
    np.save(folder / 'photo.npy', image)
    return folder


def write_scalars(work_dir):
    path = work_dir / '20260101' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('{"step": 1, "scm/lambda_0": 1.0, "scm/beta_0": 0.5}\n')


def run(command, folder):
    """In a process of its own."""
    done = subprocess.run(
        [sys.executable, *shlex.split(command)],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f'{command}\n{done.stderr[-2000:]}'
    return done.stdout


@pytest.fixture
def run_here(folder, monkeypatch):
    """In this process, which has its imports behind it."""

    def call(command):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, 'argv', shlex.split(command))
        runpy.run_path(sys.argv[0], run_name='__main__')

    return call


@pytest.mark.slow
def test_photos_are_localized(folder, run_here):
    photos, *others = commands('localize_your_photos')
    run_here(photos)
    assert (folder / 'outputs' / 'results.json').is_file()
    for command in others:  # in order: one exports, the next uses the file
        if 'onnx' in command:
            pytest.importorskip('onnxruntime')
            pytest.importorskip('onnxscript')
        run_here(command)


def test_python_example_prints_boxes(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    exec(blocks('localize_your_photos', 'python')[0], {})
    printed = capsys.readouterr().out
    assert printed.count('(60, 80)') == 2
    assert printed.count('[[') == 2


@pytest.mark.slow
@pytest.mark.parametrize('command', commands('read_a_result'))
def test_figures_are_drawn(command, folder, run_here):
    run_here(command)
    out = command.split('--out ')[1]
    assert cv2.imread(str(folder / out)) is not None


def write_own_folder(folder):
    lines = []
    for label, name in enumerate(('cat', 'dog')):
        for index in range(30):
            key = f'images/{name}/{index:04d}.jpg'
            write_image(folder / key, 100 * label + index)
            lines.append(f'{key},8,5,60,50\n')
    (folder / 'boxes.txt').write_text(''.join(lines))


@pytest.mark.slow
def test_a_folder_is_converted_trained_tested_and_used(folder):
    write_own_folder(folder / 'data' / 'mine')
    first, _, second = blocks('train_on_your_own_folder', 'python')
    config = folder / 'configs' / 'scm' / 'vit-micro_mine.py'
    config.write_text(first)
    convert, *others, again = commands('train_on_your_own_folder')
    run(convert, folder)
    for command in others:
        printed = run(command, folder)
        if 'infer' in command:
            assert '30 images' in printed
    run(again, folder)
    config.write_text(first + second)
    options = 'train_cfg.max_epochs=1 param_scheduler.1.T_max=1'
    run(f'{others[0]} --work-dir none --cfg-options {options}', folder)
    assert list((folder / 'none').glob('best_accuracy_top1*.pth'))


def test_pretrained_config_of_a_folder_builds(folder, monkeypatch):
    write_own_folder(folder / 'data' / 'mine')
    run(commands('train_on_your_own_folder')[0], folder)
    _, pretrained, _ = blocks('train_on_your_own_folder', 'python')
    path = folder / 'configs' / 'scm' / 'deit-s_mine.py'
    path.write_text(pretrained)
    monkeypatch.chdir(folder)
    config = load_config(path)
    init_default_scope('mmpretrain')
    assert MODELS.build(config.model).head.num_classes == 2
    sizes = [
        len(DATASETS.build(config[f'{split}_dataloader'].dataset))
        for split in ('train', 'val', 'test')
    ]
    assert sizes == [36, 12, 12]


def test_files_of_commands_that_are_not_run_exist():
    found = commands('localize_your_photos', 'shell-serves')
    found += commands('read_a_result', 'shell-data')
    assert len(found) == 3
    for command in found:
        for word in shlex.split(command):
            if word.startswith(('tools/', 'requirements/')):
                assert (ROOT / word).is_file(), word
