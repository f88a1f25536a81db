"""Runs of a report: their names, groups and epochs."""

import pytest
from run_folders import make_run, write_log
from runs import epoch_curves, read_curves, read_tested


def val(step, loc):
    return {'step': step, 'wsol/gt_known': loc}


def test_a_resumed_run_goes_on_and_a_new_one_replaces(tmp_path):
    training = {'step': 50, 'loss': 1.0}
    log = [training, val(1, 40.0), val(2, 50.0), training, val(3, 1.0)]
    write_log(tmp_path, log, 'a')
    write_log(tmp_path, [val(3, 60.0)], 'b')
    curve = {1: 40, 2: 50, 3: 60}
    assert epoch_curves(tmp_path) == {'wsol/gt_known': curve}
    write_log(tmp_path, [val(1, 5.0)], 'c')
    (run,) = read_curves([tmp_path])
    assert run.epochs == {'wsol/gt_known': {1: 5}}
    assert run.record is None
    assert run.over_thresholds('wsol/gt_known') is None


def test_runs_are_named_by_what_tells_them_apart(tmp_path):
    folders = [tmp_path / 'a/x/run', tmp_path / 'b/x/run']
    runs = read_curves(folders)
    assert [run.name for run in runs] == ['a/x/run', 'b/x/run']
    with pytest.raises(ValueError, match='different work directories'):
        read_curves([folders[0], folders[0]])


def test_groups_of_a_run(tmp_path):
    (run,) = read_tested([make_run(tmp_path)])
    classes = {group.name: len(group.images) for group in run.by('class_name')}
    assert list(classes.items()) == [('<b>cat</b>', 3), ('ant', 3), ('bee', 3)]
    # boxes of 17 x 9 of 17 x 17 inclusive pixels and more: images 3 to 8
    assert run.overall().gt_known == pytest.approx(600 / 9)
    assert [group.name for group in run.by('size_group')] == ['15 - 30 %']
