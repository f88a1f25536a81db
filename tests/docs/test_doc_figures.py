"""The picture of the method is drawn from a model."""

from __future__ import annotations

import cv2
import pytest
from doc_blocks import ROOT
from doc_checkout import PLACEHOLDERS


@pytest.mark.slow
def test_framework_is_drawn_with_maps_of_a_checkpoint(
    checkout, run_tool, monkeypatch, tmp_path
):
    monkeypatch.syspath_prepend(str(ROOT / 'docs' / 'figures'))
    out = tmp_path / 'framework.png'
    checkpoint = str(checkout / PLACEHOLDERS['CHECKPOINT'])
    config = str(ROOT / PLACEHOLDERS['CONFIG'])
    script = str(ROOT / 'docs' / 'figures' / 'framework.py')
    run_tool(script, config, checkpoint, '--out', str(out))
    picture = cv2.imread(str(out))
    published = cv2.imread(str(ROOT / 'docs/images/framework.png'))
    assert picture.shape == published.shape
    assert picture.std() > 10
