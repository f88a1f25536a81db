"""The picture of the method is drawn from a model."""

from __future__ import annotations

import subprocess
import sys

import cv2
import pytest
from doc_blocks import ROOT
from doc_checkout import PLACEHOLDERS, write_checkpoint


@pytest.mark.slow
def test_framework_is_drawn_with_maps_of_a_checkpoint(tmp_path):
    checkpoint = tmp_path / 'run' / 'epoch_3.pth'
    write_checkpoint(checkpoint)
    out = tmp_path / 'framework.png'
    script = str(ROOT / 'docs' / 'figures' / 'framework.py')
    config = str(ROOT / PLACEHOLDERS['CONFIG'])
    command = [sys.executable, script, config, str(checkpoint)]
    subprocess.run([*command, '--out', str(out)], check=True)
    picture = cv2.imread(str(out))
    published = cv2.imread(str(ROOT / 'docs/images/framework.png'))
    assert picture.shape == published.shape
    assert picture.std() > 10
