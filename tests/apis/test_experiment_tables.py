"""Tables over seeds, by size, and differences between methods."""

import sys

import pytest
from run_folders import make_run

from mmscm.apis.experiments.comparison import (
    class_table,
    difference_table,
    error_table,
    hits,
    size_table,
)
from mmscm.apis.experiments.final_test import FinalTest, score_all
from mmscm.apis.experiments.plan import Experiment
from mmscm.apis.experiments.record import RunRecord
from mmscm.apis.experiments.tables import (
    best_epoch,
    epoch_table,
    protocol_table,
    spread,
    val_table,
)
from mmscm.apis.results.runs import read_runs


def record(name, gt_known, cls):
    epochs = [str(1 + i) for i in range(len(gt_known))]
    constant = dict.fromkeys(epochs, 30.0)
    return RunRecord(
        name=name,
        command=[],
        options={},
        seconds=1,
        cpu_seconds=1,
        machine='cpu',
        commit='0',
        val={
            'wsol/gt_known': dict(zip(epochs, gt_known, strict=True)),
            'wsol/top1_cls': dict(zip(epochs, cls, strict=True)),
            'wsol/top1_loc': constant,
            'wsol/max_box_acc_v2': constant,
        },
        learned={},
    )


SEEDS = [
    record('scm_seed0', [50, 54], [70, 80]),
    record('scm_seed1', [52, 50], [72, 60]),
]


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tested')
    return read_runs([make_run(folder / name) for name in ('a', 'b')])


def test_the_spread_is_that_of_the_sample():
    assert spread([50, 54]) == '52.0 ± 2.8'  # sqrt(8)
    assert spread([50]) == '50.0'


def test_the_first_of_equal_epochs_is_chosen():
    assert best_epoch(record('a', [40, 50, 50], [0, 0, 0])) == '2'


def test_val_scores_are_those_of_the_chosen_epochs():
    row = val_table(SEEDS).splitlines()[2]
    assert row.startswith('| scm | 2 | 2, 1 | 76.0 ± 5.7 | 53.0 ± 1.4 |')


def test_every_epoch_is_averaged_over_seeds():
    row = epoch_table(SEEDS).splitlines()[2]
    assert row == (
        '| scm | 71.0 ± 1.4 / 51.0 ± 1.4 | 70.0 ± 14.1 / 52.0 ± 2.8 |'
    )


def test_protocols_have_a_row_for_every_origin(runs):
    table = protocol_table({'m_seed0': runs[0].record})
    assert '| m | wsoleval V1 | oracle | 33.3 |' in table


def test_hits_follow_the_classes_and_the_boxes(runs):
    assert hits(runs, 'Top-1 Cls').sum(1).tolist() == [3, 3]  # always 'ant'
    # boxes of 8 rows and more have an IoU of 0.5 with 16
    assert hits(runs, 'GT-Known')[0].tolist() == [False] * 3 + [True] * 6


def test_a_run_does_not_differ_from_itself(runs):
    table = difference_table(runs[:1], runs[1:])
    assert '| GT-Known | +0.0 | [+0.0, +0.0] |' in table


def test_other_images_are_refused(runs, tmp_path):
    (fewer,) = read_runs([make_run(tmp_path, count=4)])
    with pytest.raises(ValueError, match='tested on the same images'):
        difference_table(runs, [fewer])


def test_size_groups_have_their_null_row(runs):
    last = size_table({'m': runs}).splitlines()[-1].split(' | ')
    assert last[0] == '| all'
    assert last[1] == '9'
    assert last[3] == '66.7 ± 0.0 |'


def test_classes_have_their_share(runs):
    rows = class_table({'m': runs}).splitlines()[2:]
    # boxes 3 to 8 of 0 to 8 are good; labels are those modulo 3
    assert rows[0] == '| ant | 3 | 66.7 ± 0.0 |'
    assert rows[2] == '| <b>cat</b> | 3 | 66.7 ± 0.0 |'


def test_errors_add_up(runs):
    (row,) = error_table({'m': runs}).splitlines()[2:]
    shares = [float(cell.split(' ')[0]) for cell in row.split(' | ')[1:]]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert shares[1] == 66.7  # the class is always 'ant'


# Writes its arguments where tools write their results.
RECORD_ARGUMENTS = (
    'import sys, pathlib;'
    'folder = pathlib.Path(sys.argv[sys.argv.index("--work-dir") + 1]);'
    'folder.mkdir(parents=True, exist_ok=True);'
    '(folder / "test_metrics.json").write_text(" ".join(sys.argv[1:]))'
)
RECORD = [sys.executable, '-c', RECORD_ARGUMENTS]


def finished(folder, **options):
    """A run of two epochs, with its checkpoints."""
    run = Experiment('done', 'c.py', folder / 'done', options=options)
    run.work_dir.mkdir()
    for name in ('best_x.pth', 'epoch_2.pth'):
        (run.work_dir / name).touch()
    record('done', [1, 1], [1, 1]).write(run.work_dir)
    return run


def arguments(folder):
    return (folder / 'test_metrics.json').read_text()


def test_only_finished_runs_are_tested_and_each_once(tmp_path):
    done = finished(tmp_path, size=64)
    begun = Experiment('begun', 'c.py', tmp_path / 'begun')
    assert score_all([done, begun], tools=RECORD) == ['begun']
    assert score_all([done], tools=[sys.executable, '-c', 'exit(1)']) == []
    folder = done.work_dir / 'test'
    best = done.work_dir / 'best_x.pth'
    assert arguments(folder) == (
        f'test c.py {best} --work-dir {folder} --cfg-options size=64'
    )


@pytest.mark.parametrize(
    ('last', 'name'), [(False, 'best_x.pth'), (True, 'epoch_2.pth')]
)
def test_other_weights_and_options_get_thresholds_first(tmp_path, last, name):
    done = finished(tmp_path, size=64, norm='raw')
    how = FinalTest('other', last, dict(norm='min_max'))
    assert score_all([done], how, RECORD) == []
    folder = done.work_dir / 'other'
    options = "--cfg-options size=64 norm='min_max'"
    assert arguments(folder / 'val') == (
        f'calibrate c.py {done.work_dir / name} --out {folder / name} '
        f'--work-dir {folder / "val"} {options}'
    )
    assert arguments(folder) == (
        f'test c.py {folder / name} --work-dir {folder} {options}'
    )


def test_a_run_without_thresholds_is_not_tested(tmp_path):
    done = finished(tmp_path)
    how = FinalTest('other', last=True)
    fail = [sys.executable, '-c', 'exit(1)']
    assert score_all([done], how, fail) == ['done']
    assert not (done.work_dir / 'other').exists()
