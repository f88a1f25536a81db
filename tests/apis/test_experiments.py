"""Plans of trainings: order, skipping, going on, refusals."""

import json
import sys

import pytest

from mmscm.apis.experiments.plan import chosen_runs, read_plan
from mmscm.apis.experiments.queue import run_all
from mmscm.apis.experiments.record import RunRecord

# Writes its arguments into the folder named after --work-dir.
RECORD_ARGUMENTS = (
    'import sys, pathlib;'
    'folder = sys.argv[sys.argv.index("--work-dir") + 1];'
    'seen = pathlib.Path(folder, "seen.txt");'
    'seen.open("a").write(" ".join(sys.argv[1:]) + chr(10))'
)
TRAIN = [sys.executable, '-c', RECORD_ARGUMENTS]
FAIL = [sys.executable, '-c', 'raise SystemExit(3)']


def write_plan(folder, *runs, **common):
    path = folder / 'plan.py'
    path.write_text(
        f'work_dir = {str(folder / "runs")!r}\n'
        f'common = {common!r}\n'
        f'runs = {list(runs)!r}\n'
    )
    return path


def test_options_of_a_run_come_after_the_common_ones(tmp_path):
    run = dict(name='a', config='c.py', options={'lr': 0.1})
    (experiment,) = read_plan(write_plan(tmp_path, run, seed=3, lr=0.5))
    assert experiment.command() == [
        'c.py',
        '--work-dir',
        str(tmp_path / 'runs' / 'a'),
        '--resume',
        'auto',
        '--cfg-options',
        'seed=3',
        'lr=0.1',
    ]


def test_two_runs_of_one_name_are_refused(tmp_path):
    run = dict(name='a', config='c.py')
    with pytest.raises(ValueError, match=r"\['a'\] more than once"):
        read_plan(write_plan(tmp_path, run, run))


def test_an_unknown_key_of_a_run_is_named(tmp_path):
    run = dict(name='a', config='c.py', optoins={})
    with pytest.raises(ValueError, match=r'run a, but got .*optoins'):
        read_plan(write_plan(tmp_path, run))


def test_a_finished_run_is_not_trained_again(tmp_path):
    plan = read_plan(write_plan(tmp_path, dict(name='a', config='c.py')))
    assert run_all(plan, TRAIN) == run_all(plan, TRAIN) == []
    seen = (tmp_path / 'runs' / 'a' / 'seen.txt').read_text()
    assert seen.count('\n') == 1


def test_a_failed_run_is_named_and_the_next_one_runs(tmp_path):
    runs = [dict(name=name, config='c.py') for name in 'ab']
    plan = read_plan(write_plan(tmp_path, *runs))
    assert run_all(plan, FAIL) == ['a', 'b']
    assert run_all(plan, TRAIN) == []


def test_a_run_waits_for_its_start(tmp_path):
    runs = [
        dict(name='a', config='c.py', start='b/seen.txt'),
        dict(name='b', config='c.py'),
    ]
    plan = read_plan(write_plan(tmp_path, *runs))
    assert run_all(plan, TRAIN) == ['a']
    assert run_all(plan, TRAIN) == []
    seen = (tmp_path / 'runs' / 'a' / 'seen.txt').read_text()
    assert f'load_from={str(tmp_path / "runs/b/seen.txt")!r}' in seen


def test_other_settings_under_a_used_name_are_refused(tmp_path):
    run = dict(name='a', config='c.py')
    run_all(read_plan(write_plan(tmp_path, run)), TRAIN)
    changed = read_plan(write_plan(tmp_path, run, seed=1))
    with pytest.raises(ValueError, match='Rename the run'):
        run_all(changed, TRAIN)


def test_the_record_has_cost_and_curves(tmp_path):
    run = dict(name='a', config='c.py', options={'seed': 2})
    (experiment,) = read_plan(write_plan(tmp_path, run))
    log = experiment.work_dir / '20260101_000000' / 'vis_data'
    log.mkdir(parents=True)
    rows = [
        {'epoch': 1, 'step': 1, 'scm/lambda_0': 0.9, 'scm/beta_0': 0.4},
        {'wsol/gt_known': 40.0, 'step': 1},
        {'epoch': 2, 'step': 2, 'scm/lambda_0': 0.8, 'scm/beta_0': 0.3},
        {'wsol/gt_known': 50.0, 'step': 2},
    ]
    text = '\n'.join(json.dumps(row) for row in rows)
    (log / 'scalars.json').write_text(text)
    run_all([experiment], TRAIN)
    record = RunRecord.read(experiment.work_dir)
    assert record.val == {'wsol/gt_known': {'1': 40.0, '2': 50.0}}
    assert record.learned == {'lambda_0': [0.9, 0.8], 'beta_0': [0.4, 0.3]}
    assert record.options == {'seed': 2}
    assert record.cpu_seconds > 0


def test_a_pattern_without_runs_is_refused(tmp_path):
    plan = write_plan(tmp_path, dict(name='a', config='a.py'))
    assert [run.name for run in chosen_runs(plan, '^a')] == ['a']
    with pytest.raises(ValueError, match="but got 'seed9'"):
        chosen_runs(plan, 'seed9')
