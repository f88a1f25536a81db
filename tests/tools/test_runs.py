"""Runs of a report: their names, groups and epochs."""

from __future__ import annotations

import pytest
from run_folders import make_run, write_log
from runs import read_curves, read_tested

from mmscm.apis.training_log import epoch_curves


def val(step, loc):
    return {'step': step, 'wsol/gt_known': loc}


def test_epochs_are_read_from_the_log(tmp_path):
    training = {'step': 50, 'loss': 1.0}
    write_log(tmp_path, [training, val(1, 40.0), training, val(2, 60.0)])
    assert epoch_curves(tmp_path) == {'wsol/gt_known': {1: 40, 2: 60}}


def test_a_resumed_run_goes_on_and_a_new_one_replaces(tmp_path):
    write_log(tmp_path, [val(1, 40.0), val(2, 50.0), val(3, 1.0)], 'a')
    write_log(tmp_path, [val(3, 60.0)], 'b')
    assert epoch_curves(tmp_path)['wsol/gt_known'] == {1: 40, 2: 50, 3: 60}
    write_log(tmp_path, [val(1, 5.0)], 'c')
    assert epoch_curves(tmp_path)['wsol/gt_known'] == {1: 5}


def test_a_log_that_was_cut_off_is_read(tmp_path):
    write_log(tmp_path, [val(1, 40.0)])
    path = tmp_path / '1' / 'vis_data' / 'scalars.json'
    path.write_text(path.read_text() + '{"step": 2, "wsol/gt_k')
    assert epoch_curves(tmp_path) == {'wsol/gt_known': {1: 40}}


def test_runs_are_named_by_what_tells_them_apart(tmp_path):
    folders = [tmp_path / 'a/x/run', tmp_path / 'b/x/run']
    runs = read_tested([make_run(folder, count=3) for folder in folders])
    assert [run.name for run in runs] == ['a/x/run', 'b/x/run']
    with pytest.raises(ValueError, match='different work directories'):
        read_tested([folders[0], folders[0]])


def test_groups_of_a_run(tmp_path):
    (run,) = read_tested([make_run(tmp_path)])
    assert [(g.name, len(g.images)) for g in run.by_class()] == [
        ('<b>cat</b>', 3),
        ('ant', 3),
        ('bee', 3),
    ]
    # boxes of 17 x 9 of 17 x 17 inclusive pixels and more: images 3 to 8
    assert run.overall().gt_known == pytest.approx(600 / 9)
    assert [group.name for group in run.by_size()] == ['15 - 30 %']


def test_curves_of_a_run_that_was_not_tested(tmp_path):
    write_log(tmp_path, [val(1, 40.0)])
    (run,) = read_curves([tmp_path])
    assert run.record is None
    assert run.over_thresholds('wsol/gt_known') is None
    assert run.epochs['wsol/gt_known'] == {1: 40}
