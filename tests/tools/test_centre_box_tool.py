"""Null rows of the published metadata, and of a split on paper."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from offline import read_split_boxes

from mmscm.evaluation import get_protocol
from mmscm.evaluation.null_rows import best_centre_box, gaussian_row

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis' / 'centre_box.py'
METADATA = os.environ.get('MMSCM_WSOL_METADATA')
needs_metadata = pytest.mark.skipif(
    not METADATA,
    reason='MMSCM_WSOL_METADATA does not name the folder of the metadata of '
    'wsolevaluation',
)


@pytest.fixture
def split(tmp_path):
    """Two images: the object in the middle, and in a corner."""
    (tmp_path / 'image_ids.txt').write_text('a.jpg\nb.jpg\n')
    (tmp_path / 'image_sizes.txt').write_text('a.jpg,448,224\nb.jpg,224,224\n')
    (tmp_path / 'localization.txt').write_text(
        'a.jpg,124,62,324,162\nb.jpg,0,0,9,9\n'
    )
    return tmp_path


def test_boxes_are_scaled_to_the_network_input(split):
    boxes = read_split_boxes(split, 224, get_protocol('wsoleval'))
    assert boxes['a.jpg'].tolist() == [[62, 62, 162, 162]]


def test_the_tool_prints_the_null_rows(split, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', [str(TOOL), str(split)])
    runpy.run_path(str(TOOL), run_name='__main__')
    printed = capsys.readouterr().out
    assert 'best centred square, IoU 0.5' in printed
    assert '50.00' in printed


@needs_metadata
@pytest.mark.slow
@pytest.mark.parametrize(
    ('folder', 'square', 'side', 'gaussian'),
    [('CUB/test', 59.67, 143, 59.7), ('ILSVRC/test', 54.06, 158, 52.5)],
)
def test_published_null_rows(folder, square, side, gaussian):
    protocol = get_protocol('wsoleval')
    boxes = read_split_boxes(Path(METADATA, folder), 224, protocol)
    boxes = list(boxes.values())
    rate, best_side = best_centre_box(boxes, 224)
    assert (round(rate, 2), best_side) == (square, side)
    row = gaussian_row(boxes, 224)
    assert round(row.first_box, 1) == gaussian


def test_scaling_is_exact_where_the_product_is_whole(tmp_path):
    # 125 * 224 / 500 = 56; 125 * (224 / 500) would be 55.99...
    (tmp_path / 'image_ids.txt').write_text('a.jpg\n')
    (tmp_path / 'image_sizes.txt').write_text('a.jpg,500,500\n')
    (tmp_path / 'localization.txt').write_text('a.jpg,125,125,250,250\n')
    boxes = read_split_boxes(tmp_path, 224, get_protocol('wsoleval'))
    np.testing.assert_array_equal(boxes['a.jpg'], [[56, 56, 112, 112]])
