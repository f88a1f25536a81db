"""From a checkpoint to the report, through the command lines."""

import json

import pytest
import torch
from image_rows import read_image_rows
from tool_runs import ROOT, run_tool

from mmscm.apis import build_runner, load_config
from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.thresholds import stored_thresholds

CONFIG = ROOT / 'configs' / 'scm' / 'vit-micro_toy.py'
SMALL = ['test_dataloader.batch_size=5']
for split, length in (('val', 6), ('test', 10)):
    SMALL.append(f'{split}_dataloader.num_workers=0')
    SMALL.append(f'{split}_dataloader.dataset.length={length}')


@pytest.fixture
def checkpoint(tmp_path):
    """Random weights: the numbers do not matter here."""
    cfg = load_config(CONFIG, tmp_path / 'unused')
    model = build_runner(cfg).model
    path = tmp_path / 'random.pth'
    torch.save({'state_dict': model.state_dict()}, path)
    return path


@pytest.mark.slow
def test_calibrate_test_and_report(checkpoint, tmp_path, capsys):
    work_dir = tmp_path / 'run'
    options = ('--work-dir', work_dir, '--cfg-options', *SMALL)
    run_tool('calibrate.py', CONFIG, checkpoint, *options)
    chosen = stored_thresholds(read_checkpoint(checkpoint))
    assert chosen.split == 'val'
    assert {'wsol/gt_known', 'wsol/top1_loc_gtmap'} <= set(chosen.cam_thrs)

    run_tool('test.py', CONFIG, checkpoint, *options)
    printed = capsys.readouterr().out
    assert 'Test: 10 images, 2 batches' in printed
    for name in ('tscam', 'scm', 'wsoleval V1', 'wsoleval V2', 'gtmap'):
        assert name in printed
    assert all(name in printed for name in ('fixed', 'val', 'oracle'))
    record = json.loads((work_dir / 'test_metrics.json').read_text())
    assert record['stored']['cam_thrs'] == chosen.cam_thrs
    origins = {row['origin'] for row in record['rows']}
    assert origins == {'fixed', 'val', 'oracle'}
    assert len(record['curves']['wsol/gt_known']['percent']) == 100

    rows = read_image_rows(work_dir)
    cam_thrs = {(row.cam_thr, row.origin) for row in rows}
    assert cam_thrs == {(chosen.cam_thrs['wsol/gt_known'], 'val')}
    run_tool('analysis/report.py', work_dir, '--figures', tmp_path)
    assert (tmp_path / 'thresholds.png').stat().st_size > 1000
    assert not (tmp_path / 'epochs.png').exists()  # nothing was trained
    report = tmp_path / 'report.html'
    run_tool('analysis/report.py', work_dir, '--out', report)
    assert report.read_text().count('<figure class="card"') == 10
