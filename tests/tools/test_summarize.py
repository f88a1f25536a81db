"""Tables over seeds, by size, and differences between methods."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import summarize as tables
from image_rows import read_image_rows
from run_folders import make_run
from summarize import hits, paired_bootstrap, val_curves

from mmscm.apis.results import TestRecord

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / 'docs' / 'evidence'


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('tested')
    return [make_run(root / f'm_seed{seed}') for seed in (0, 1)]


@pytest.fixture(scope='module')
def runs(folders):
    return [read_image_rows(folder) for folder in folders]


def test_seeds_are_together_with_the_spread_of_the_sample():
    runs = {'scm_seed0': 0, 'scm': 1, 'scm_lr1_seed12': 2}
    assert tables.by_method(runs) == {'scm': [0, 1], 'scm_lr1': [2]}
    assert tables.spread([50, 54]) == '52.0 ± 2.8'  # sqrt(8)
    assert tables.spread([50]) == '50.0'


def test_the_first_of_equal_epochs_is_chosen():
    assert tables.best_epoch({'wsol/gt_known': {1: 40, 2: 50, 3: 50}}) == 2


def test_tables_of_val_are_those_of_the_documentation():
    names = [f'tscam_lr0.0003_seed{seed}' for seed in range(3)]
    runs = {name: val_curves(EVIDENCE / f'{name}.json') for name in names}
    methods = tables.by_method(runs)
    val = tables.val_table(methods).splitlines()[2]
    epochs = tables.epoch_table(methods).splitlines()[2]
    assert val.startswith('| tscam_lr0.0003 | 3 | 1, 2, 1 | 81.3 ± 2.5 | 46.0')
    page = (ROOT / 'docs' / 'evidence_micro.md').read_text()
    for row in (val.split('| 3 ')[1], epochs.split('.0003 ')[1]):
        assert row in page


def test_protocols_have_a_row_for_every_origin(folders):
    table = tables.protocol_table({'m': [TestRecord.read(f) for f in folders]})
    assert '| m | wsoleval V1 | oracle | 33.3 ± 0.0 |' in table


def test_hits_follow_the_classes_and_the_boxes(runs):
    always_ant, boxes = (hits(runs, row) for row in ('Top-1 Cls', 'GT-Known'))
    assert always_ant.sum(1).tolist() == [3, 3]
    # boxes of 8 rows and more have an IoU of 0.5 with 16
    assert boxes[0].tolist() == [False] * 3 + [True] * 6


def test_differences_are_of_the_same_images(runs):
    table = tables.difference_table(runs[:1], runs[1:])
    assert '| GT-Known | +0.0 | [+0.0, +0.0] |' in table
    assert '| coverage | +0.0 | [+0.0, +0.0] |' in table
    with pytest.raises(ValueError, match='tested on the same images'):
        tables.difference_table(runs, [runs[0][:4]])


def test_groups_have_the_centred_box_beside_them(runs):
    table = tables.group_table({'m': runs}, 'class_name')
    # boxes 3 to 8 of 0 to 8 are good; labels are those modulo 3
    rows = [row.split(' | ') for row in table.splitlines()[2:]]
    _, ant, _, everything = rows
    assert (ant[0], ant[1], ant[3]) == ('| ant', '3', '66.7 ± 0.0 |')
    assert (everything[0], everything[1]) == ('| all', '9')
    assert ant[2].endswith(' px)')


def test_maps_have_coverage_and_precision(runs):
    (row,) = tables.map_table({'m': runs}).splitlines()[2:]
    # rows of 16 pixels in boxes of 17 x 17: 2, 4, ..., 16, then 17 of 18
    assert row.startswith('| m | 54.7 ± 0.0 |')
    assert row.endswith('| 99.4 ± 0.0 |')


def test_errors_add_up(runs):
    (row,) = tables.error_table({'m': runs}).splitlines()[2:]
    shares = [float(cell.split(' ')[0]) for cell in row.split(' | ')[1:]]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert shares[1] == 66.7  # the class is always 'ant'


def test_the_interval_has_the_width_of_the_normal_approximation():
    gain = np.tile([1, 0, 0, 0], (1, 100))
    mean, low, high = paired_bootstrap(np.zeros((1, 400)), gain)
    half = 1.96 * 100 * (0.25 * 0.75 / 400) ** 0.5
    assert mean == pytest.approx(25)
    assert (high - low) / 2 == pytest.approx(half, rel=0.05)


def test_seeds_are_averaged_within_each_image():
    first = np.array([[0, 1], [1, 0]])  # half a hit on each of two images
    assert paired_bootstrap(first, np.array([[1, 1]])) == (
        50,
        50,
        50,
    )


@pytest.fixture
def script(tmp_path, monkeypatch):
    """A script of experiments with a Python that records its calls."""
    python, calls = tmp_path / 'python', tmp_path / 'calls'
    monkeypatch.setenv('PYTHON', str(python))
    monkeypatch.setenv('AMP', '')

    def run(code, names, script='imagenette.sh'):
        python.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{code}\n')
        python.chmod(0o755)
        path = ROOT / 'tools' / 'experiments' / script
        command = ['bash', path, tmp_path / 'runs', names]
        return subprocess.run(command, capture_output=True, text=True)

    run.calls = lambda: calls.read_text().splitlines()
    return run


def test_finished_runs_are_skipped_and_failed_ones_go_on(script):
    failed = script('exit 3', '^scm_lr0.001_')
    assert failed.returncode == 1
    assert 'Not finished: scm_lr0.001_seed0' in failed.stderr
    assert script('exit 0', '^scm_lr0.001_seed0').returncode == 0
    assert script('exit 0', '^scm_lr0.001_').returncode == 0
    seeds = [call.split('randomness.seed=')[1] for call in script.calls()]
    assert seeds == ['0', '1', '2', '0', '1', '2']


def calls_by_run(script):
    return {
        Path(call.split('--work-dir ')[1].split()[0]).name: call
        for call in script.calls()
        if '--work-dir' in call
    }


@pytest.mark.parametrize(
    'rows', ['rows', 'rows3', 'rows5', 'rows10', 'rows10x2']
)
def test_rows_are_those_of_the_stored_evidence(script, rows):
    assert script('exit 0', '.', 'rows.sh').returncode == 0
    called = calls_by_run(script)
    assert {path.stem for path in (EVIDENCE / rows).iterdir()} <= set(called)
    assert 'configs/sat/deit-t_imagenette.py' in called['sat_lr0.0001_seed0']
    assert ',12890]' in called['scm_lr0.0001_seed2']  # every fifth image
    (masks,) = [call for call in script.calls() if 'pseudo_masks.py' in call]
    folder = masks.split('--out-dir ')[1].split()[0]
    assert f'pipeline.2.folder={folder}' in called['spol-masks_lr0.0003_seed0']


@pytest.mark.parametrize('faster', ['--amp', ''])
def test_mixed_precision_is_taken_where_it_is_faster(
    script, monkeypatch, faster
):
    monkeypatch.delenv('AMP')
    answer = f'test "$1" != -c || echo {faster}'
    assert script(answer, '^cam_lr0.0003', 'rows.sh').returncode == 0
    assert ('--amp' in script.calls()[-1]) is bool(faster)


def test_runs_are_those_of_the_stored_evidence(script):
    assert script('exit 0', '.').returncode == 0
    called = calls_by_run(script)
    assert {path.stem for path in EVIDENCE.glob('*.json')} <= set(called)
    assert 'model.neck.num_iters=6' in called['ablation_p-6']
    assert 'configs/evidence/start_scm.py' in called['start-scm_seed1']
