"""A row a protocol, each value with its threshold and its origin."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

from mmscm.apis.results.rows import Score, result_rows
from mmscm.apis.results.table import columns_of, results_table
from mmscm.apis.results.test_record import FILE_NAME, TestRecord, curves_of
from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc, PxAP
from mmscm.evaluation.hit_rows import pack_hits

GRID = (0.1, 0.2, 0.3)
V2 = dict(iou_thrs=(0.3, 0.5, 0.7), all_contours=True)


def computed(metric, hits):
    """The values of a metric from the hits of two images."""
    for image in hits:
        metric.results.append(pack_hits(np.array(image, bool)))
    return metric.evaluate(len(hits))


@pytest.fixture
def accuracy():
    """GT-Known, Top-1 Loc and Top-1 Cls at three thresholds."""
    metric = LocalizationAccuracy(cam_thrs=GRID, topk=(1,))
    right = [[0, 1, 1], [0, 0, 1], [1, 1, 1]]
    wrong = [[1, 1, 0], [0, 0, 0], [0, 0, 0]]
    return metric, computed(metric, [right, wrong])


def test_oracle_and_stored_thresholds_are_two_rows(accuracy):
    metric, values = accuracy
    stored = StoredThresholds('val', {'wsol/gt_known': 0.3})
    oracle, val = result_rows([metric], values, stored)
    assert (oracle.protocol, oracle.origin) == ('wsoleval V1', 'oracle')
    assert oracle.scores == {
        'Top-1 Cls': Score('wsol/top1_cls', 50),
        'GT-Known': Score('wsol/gt_known', 100, 0.2),
        'Top-1 Loc': Score('wsol/top1_loc', 50, 0.3),
    }
    assert (val.protocol, val.origin) == ('wsoleval V1', 'val')
    assert val.scores['GT-Known'] == Score('wsol/gt_known', 50, 0.3)
    assert 'Top-1 Loc' not in val.scores


def test_thresholds_chosen_on_the_test_set_are_an_oracle(accuracy):
    stored = StoredThresholds('test', {'wsol/gt_known': 0.2})
    assert result_rows(*[[accuracy[0]], accuracy[1]], stored)[1].origin == (
        'oracle, stored'
    )


def test_a_stored_threshold_off_the_grid_has_no_row(accuracy):
    stored = StoredThresholds('val', {'wsol/gt_known': 0.25})
    assert len(result_rows([accuracy[0]], accuracy[1], stored)) == 1


def test_fixed_thresholds_have_one_row_whatever_is_stored():
    metric = LocalizationAccuracy('tscam', topk=(1,))
    values = computed(metric, [[[1], [0], [1]]])
    stored = StoredThresholds('val', {'wsol/gt_known_tscam': 0.1})
    (row,) = result_rows([metric], values, stored)
    assert (row.protocol, row.origin) == ('tscam', 'fixed')
    assert row.scores['GT-Known'].cam_thr == 0.1


def test_v2_shows_every_bound_and_their_mean():
    metric = MaxBoxAcc(cam_thrs=GRID, **V2)
    hits = [[1, 1, 1], [0, 1, 0], [0, 0, 0]]
    values = computed(metric, [hits])
    keys = [f'wsol/max_box_acc_v2_at{iou}' for iou in (30, 50, 70)]
    stored = StoredThresholds('val', dict.fromkeys(keys, 0.3))
    oracle, val = result_rows([metric], values, stored)
    assert oracle.protocol == 'wsoleval V2'
    assert oracle.scores['MaxBoxAcc'].value == pytest.approx(200 / 3)
    assert oracle.scores['IoU 0.5'] == Score(keys[1], 100, 0.2)
    assert val.scores['MaxBoxAcc'].value == pytest.approx(100 / 3)


def test_mask_iou_has_rows_too():
    metric = PxAP()
    counts = np.zeros((2, 1002), np.uint16)
    counts[:, 0] = 0, 3  # background at score 0, background and
    counts[:, 500] = 1, 1  # object at 0.5
    metric.results.append(counts)
    values = metric.evaluate(1)
    stored = StoredThresholds('val', {'wsol/mask_iou': 0.0})
    oracle, val = result_rows([metric], values, stored)
    assert oracle.scores['Mask IoU'] == Score('wsol/mask_iou', 50, 0.001)
    assert val.scores['Mask IoU'] == Score('wsol/mask_iou', 20, 0)
    assert val.scores['PxAP'] == oracle.scores['PxAP']


def test_metrics_of_one_protocol_share_a_row(accuracy):
    metric, values = accuracy
    box = MaxBoxAcc(cam_thrs=GRID)
    values = values | computed(box, [[[0, 1, 1]], [[1, 1, 0]]])
    (row,) = result_rows([metric, box], values)
    assert row.scores['MaxBoxAcc'].value == row.scores['GT-Known'].value


def test_the_table_prints_value_threshold_and_origin(accuracy):
    metric, values = accuracy
    stored = StoredThresholds('val', {'wsol/gt_known': 0.3})
    rows = result_rows([metric], values, stored)
    console = Console(file=io.StringIO(), width=100)
    console.print(results_table(rows, 'a [title]'))
    text = console.file.getvalue()
    assert all(part in text for part in ('100.00', '@0.2', 'oracle', 'val'))
    assert 'a [title]' in text  # no markup
    assert columns_of(rows) == ['Top-1 Cls', 'Top-1 Loc', 'GT-Known']


def test_records_are_read_as_they_were_written(accuracy, tmp_path):
    metric, values = accuracy
    record = TestRecord(
        'c.py',
        'w.pth',
        values | {'other/value': 1.5},
        result_rows([metric], values),
        curves_of([metric]),
    )
    record.write(tmp_path / FILE_NAME)
    again = TestRecord.read(tmp_path)
    assert again == record
    assert again.unshown() == {'other/value': 1.5}
    curve = again.curves['wsol/gt_known']
    assert curve == {'cam_thrs': list(GRID), 'percent': [50, 100, 50]}


def test_records_of_earlier_versions_have_no_rows(tmp_path):
    old = dict(config='c.py', checkpoint='w.pth', metrics={'a': 1})
    (tmp_path / FILE_NAME).write_text(json.dumps(old))
    assert TestRecord.read(tmp_path).rows == []


def test_a_missing_record_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'tools/test\.py'):
        TestRecord.read(tmp_path)
