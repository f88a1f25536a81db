"""tools/infer.py from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_model import tiny_files

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_folder_becomes_json_and_pictures(tmp_path):
    config, weights = tiny_files(tmp_path)
    (tmp_path / 'photos').mkdir()
    for name in ('a.jpg', 'b.jpg'):
        image = np.full((40, 60, 3), 99, np.uint8)
        cv2.imwrite(str(tmp_path / 'photos' / name), image)
    command = [sys.executable, str(ROOT / 'tools' / 'infer.py')]
    run = subprocess.run(
        [*command, 'photos', config, weights, '--target', 'church'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert '2 images, threshold 0.4' in run.stdout
    entries = json.loads((tmp_path / 'outputs/results.json').read_text())
    assert [entry['category_name'] for entry in entries] == ['church'] * 2
    assert (tmp_path / 'outputs' / 'b.jpg').is_file()
