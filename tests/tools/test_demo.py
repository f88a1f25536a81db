import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

ROOT = Path(__file__).parents[2]
TINY = [
    'train_cfg.max_epochs=1',
    'train_dataloader.dataset.length=64',
    'val_dataloader.dataset.length=20',
    'test_dataloader.dataset.length=12',
]


def run_demo(work_dir, *options):
    command = [sys.executable, str(ROOT / 'tools' / 'demo.py')]
    command += ['--work-dir', str(work_dir), '--cfg-options', *options]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_demo_compares_both_methods_and_draws_them(tmp_path):
    done = run_demo(tmp_path, *TINY)
    assert done.returncode == 0, done.stderr[-3000:]
    drawn = tmp_path / 'photographs.png'  # from optional packages
    if drawn.exists():
        # three pairs of 480 x 320 pixels, a caption each
        assert cv2.imread(str(drawn)).shape == (3 * (320 + 22), 2 * 480, 3)
    else:
        assert "pip install 'mmscm[photos]'" in done.stdout
    for row in ('TS-CAM', 'SCM', 'centre box'):
        assert row in done.stdout
    assert '| centre box | - | - |' in (tmp_path / 'report.md').read_text()
    # title, then 10 images with a caption each; two models of four panels
    sheet = cv2.imread(str(tmp_path / 'pictures.png'))
    assert sheet.shape == (22 + 10 * 182, 2 * 4 * 160, 3)
    metrics = json.loads((tmp_path / 'scm/test_metrics.json').read_text())
    assert 0 <= metrics['metrics']['wsol/gt_known'] <= 100


@pytest.mark.slow
def test_demo_ends_with_the_log_of_a_failed_training(tmp_path):
    done = run_demo(tmp_path, 'train_cfg.no_such_option=1')
    assert done.returncode != 0
    assert 'no_such_option' in done.stderr
    assert 'train.log' in done.stderr
