"""A row a protocol, each value with its threshold and its origin."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

from mmscm.apis.results import (
    FILE_NAME,
    Cell,
    TestRecord,
    columns_of,
    curves_of,
    print_results,
    result_rows,
    results_table,
)
from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation.score import FIXED, ORACLE, V2_IOU_THRS, Curve, Score

GRID = np.array([0.1, 0.2, 0.3])
CLS = Score('top1_cls', 'Top-1 Cls', 50, 'wsoleval', iou_thrs=(0.5,))


def best(name, title, percent, protocol='wsoleval', **fields):
    """The best value of a curve, at its first maximum."""
    percent = np.array(percent, float)
    index = int(percent.argmax())
    fields = {'iou_thrs': (0.5,), 'origin': ORACLE} | fields
    value, cam_thr = float(percent[index]), float(GRID[index])
    fields |= dict(cam_thr=cam_thr, curve=Curve(GRID, percent))
    return Score(name, title, value, protocol, **fields)


KNOWN = best('gt_known', 'GT-Known', [50, 100, 50])
LOC = best('top1_loc', 'Top-1 Loc', [0, 0, 50])
AT_VAL = StoredThresholds('val', {'wsol/gt_known': 0.3})


def test_oracle_and_stored_thresholds_are_two_rows():
    oracle, val = result_rows([CLS, KNOWN, LOC], AT_VAL)
    assert (oracle.protocol, oracle.origin) == ('wsoleval V1', 'oracle')
    assert oracle.scores == {
        'Top-1 Cls': Cell('wsol/top1_cls', 50),
        'GT-Known': Cell('wsol/gt_known', 100, 0.2),
        'Top-1 Loc': Cell('wsol/top1_loc', 50, 0.3),
    }
    assert (val.protocol, val.origin) == ('wsoleval V1', 'val')
    assert val.scores == {
        'Top-1 Cls': Cell('wsol/top1_cls', 50),
        'GT-Known': Cell('wsol/gt_known', 50, 0.3),
    }


def test_thresholds_chosen_on_the_test_set_are_an_oracle():
    stored = StoredThresholds('test', {'wsol/gt_known': 0.2})
    assert result_rows([KNOWN], stored)[1].origin == 'oracle, stored'


@pytest.mark.parametrize(('origin', 'cam_thr'), [(ORACLE, 0.25), (FIXED, 0.3)])
def test_no_row_for_a_threshold_off_the_grid_or_a_fixed_one(origin, cam_thr):
    score = best('gt_known', 'GT-Known', [1, 2, 3], 'tscam', origin=origin)
    stored = StoredThresholds('val', {score.key: cam_thr})
    (row,) = result_rows([score], stored)
    assert (row.protocol, row.origin) == ('tscam', origin)


def test_v2_shows_every_bound_and_their_mean():
    name = 'max_box_acc_v2'
    v2 = dict(iou_thrs=V2_IOU_THRS, all_contours=True)
    curves = [9, 90, 60], [9, 60, 30], [0, 30, 0]
    parts = [
        best(name, f'IoU {iou}', percent, at_iou=iou, **v2)
        for iou, percent in zip(V2_IOU_THRS, curves, strict=True)
    ]
    mean = Score(name, 'MaxBoxAccV2', 60, 'wsoleval', origin=ORACLE, **v2)
    stored = StoredThresholds('val', {part.key: 0.3 for part in parts})
    oracle, val = result_rows([mean, *parts], stored)
    assert oracle.protocol == 'wsoleval V2'
    assert oracle.scores['MaxBoxAccV2'] == Cell('wsol/max_box_acc_v2', 60)
    assert oracle.scores['IoU 0.5'] == Cell(parts[1].key, 60, 0.2)
    assert val.scores['MaxBoxAccV2'].value == pytest.approx(30)


def test_masks_have_rows_of_their_own():
    ap = Score('px_ap', 'PxAP', 30, 'wsoleval')
    iou = best('mask_iou', 'Mask IoU', [50, 20, 9], iou_thrs=())
    stored = StoredThresholds('val', {'wsol/mask_iou': 0.2})
    oracle, val = result_rows([ap, iou], stored)
    assert oracle.protocol == val.protocol == 'wsoleval masks'
    assert oracle.scores['Mask IoU'] == Cell('wsol/mask_iou', 50, 0.1)
    assert val.scores['Mask IoU'] == Cell('wsol/mask_iou', 20, 0.2)
    assert val.scores['PxAP'] == oracle.scores['PxAP']


@pytest.mark.parametrize(
    ('fields', 'name'),
    [
        (dict(protocol='scm'), 'scm'),
        (dict(protocol='scm', all_contours=True), 'scm, all contours'),
        (dict(iou_thrs=(0.3,)), 'wsoleval V1, IoU 0.3'),
        (dict(prefix='mine'), 'wsoleval V1 (mine)'),
    ],
)
def test_a_row_says_what_is_special(fields, name):
    (row,) = result_rows([best('gt_known', 'GT-Known', [1], **fields)])
    assert row.protocol == name


def test_metrics_of_one_protocol_share_a_row():
    box = best('max_box_acc', 'MaxBoxAcc', [50, 100, 50])
    (row,) = result_rows([KNOWN, box])
    assert row.scores['MaxBoxAcc'].value == row.scores['GT-Known'].value


def test_the_table_prints_value_threshold_and_origin():
    rows = result_rows([CLS, KNOWN, LOC], AT_VAL)
    console = Console(file=io.StringIO(), width=100)
    console.print(results_table(rows, 'a [title]'))
    text = console.file.getvalue()
    assert all(part in text for part in ('100.00', '@0.2', 'oracle', 'val'))
    assert 'a [title]' in text  # no markup
    assert columns_of(rows) == ['Top-1 Cls', 'Top-1 Loc', 'GT-Known']


def test_records_are_read_as_they_were_written(tmp_path):
    values = {'wsol/gt_known': 100, 'wsol/gt_known_thr': 0.2, 'other': 1.5}
    record = TestRecord(
        'c.py', 'w.pth', values, result_rows([KNOWN]), curves_of([CLS, KNOWN])
    )
    record.write(tmp_path / FILE_NAME)
    again = TestRecord.read(tmp_path)
    assert again == record
    assert again.unshown() == {'other': 1.5}
    curve = {'cam_thrs': GRID.tolist(), 'percent': [50, 100, 50]}
    assert again.curves == {'wsol/gt_known': curve}


def test_records_of_earlier_versions_have_no_rows(tmp_path):
    old = dict(config='c.py', checkpoint='w.pth', metrics={'a': 1})
    (tmp_path / FILE_NAME).write_text(json.dumps(old))
    assert TestRecord.read(tmp_path).rows == []


def test_a_missing_record_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'tools/test\.py'):
        TestRecord.read(tmp_path)


def test_a_printed_table_is_as_wide_as_its_values_need(capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '40')
    scores = [
        best(f'top{k}_loc', f'Top-{k} Localization', [12.345, 6, 7])
        for k in range(30)
    ]
    print_results(result_rows(scores))
    printed = capsys.readouterr().out
    assert '…' not in printed
    assert printed.count('12.35') + printed.count('12.34') == 30
