"""Null rows of the published metadata, and of a split on paper."""

import os
from pathlib import Path

import pytest
from eval_maps import read_split_boxes
from miniatures import write_lists
from tool_runs import run_tool

from mmscm.evaluation import get_protocol
from mmscm.evaluation.null_rows import best_centre_box, gaussian_row

METADATA = os.environ.get('MMSCM_WSOL_METADATA')


def split(folder, size, *boxes):
    """Lists of images of one size (W, H), each with its box."""
    boxes = {f'{i}.jpg': box for i, box in enumerate(boxes)}
    sizes = dict.fromkeys(boxes, size)
    return write_lists(folder, image_sizes=sizes, localization=boxes)


@pytest.mark.parametrize(
    ('size', 'box', 'scaled'),
    [
        ('448,224', '124,62,324,162', [62, 62, 162, 162]),
        # 125 * 224 / 500 = 56; 125 * (224 / 500) would be 55.99...
        ('500,500', '125,125,250,250', [56, 56, 112, 112]),
    ],
)
def test_boxes_are_scaled_to_the_network_input(tmp_path, size, box, scaled):
    folder = split(tmp_path, size, box)
    boxes = read_split_boxes(folder, 224, get_protocol('wsoleval'))
    assert boxes['0.jpg'].tolist() == [scaled]


def test_the_tool_prints_the_null_rows(tmp_path, capsys):
    folder = split(tmp_path, '224,224', '62,62,162,162', '0,0,9,9')
    run_tool('analysis/centre_box.py', folder)
    printed = capsys.readouterr().out
    assert 'best centred square, IoU 0.5' in printed
    assert '50.00' in printed


@pytest.mark.skipif(not METADATA, reason='no MMSCM_WSOL_METADATA')
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
