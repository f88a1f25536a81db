import json
import sys
from types import SimpleNamespace

import cv2
import demo
import pytest
from tool_runs import run_tool

TINY = ['train_cfg.max_epochs=1', 'model.backbone.arch.num_layers=2']
TINY += ['train_dataloader.batch_size=32']
for split, length in (('train', 32), ('val', 10), ('test', 12)):
    TINY.append(f'{split}_dataloader.num_workers=0')
    TINY.append(f'{split}_dataloader.dataset.length={length}')


@pytest.mark.slow
def test_demo_compares_both_methods_and_draws_them(
    tmp_path, monkeypatch, capsys
):
    def here(arguments, log, env=None):
        """As a process that has ended, without its imports."""
        run_tool(*arguments)
        return SimpleNamespace(returncode=0, poll=lambda: 0, wait=lambda: 0)

    monkeypatch.setattr(demo, 'start', here)
    every_sixth = 'default_hooks.visualization.interval=6'
    few = (every_sixth, *demo.OF_PICTURES[1:])
    monkeypatch.setattr(demo, 'OF_PICTURES', few)
    options = ['--work-dir', str(tmp_path), '--cfg-options', *TINY]
    monkeypatch.setattr(sys, 'argv', ['demo.py', *options])
    demo.main()
    printed = capsys.readouterr().out
    drawn = tmp_path / 'photographs.png'  # from optional packages
    if drawn.exists():
        # three pairs of 480 x 320 pixels, a caption each
        assert cv2.imread(str(drawn)).shape == (3 * (320 + 22), 2 * 480, 3)
    else:
        assert "pip install 'mmscm[photos]'" in printed
    for row in ('TS-CAM', 'SCM', 'centre box'):
        assert row in printed
    assert '| centre box | - | - |' in (tmp_path / 'report.md').read_text()
    # title, then two images with a caption each; two models of four panels
    sheet = cv2.imread(str(tmp_path / 'pictures.png'))
    assert sheet.shape == (22 + 2 * 182, 2 * 4 * 160, 3)
    metrics = json.loads((tmp_path / 'scm/test_metrics.json').read_text())
    assert 0 <= metrics['metrics']['wsol/gt_known'] <= 100


def test_demo_ends_with_the_log_of_a_failed_training(tmp_path, monkeypatch):
    (tmp_path / 'tools').mkdir()
    (tmp_path / 'tools' / 'train.py').write_text('raise OSError("disk full")')
    monkeypatch.setattr(demo, 'ROOT', tmp_path)
    with pytest.raises(SystemExit, match=r'(?s)disk full.*train\.log'):
        demo.train_together({'SCM': tmp_path / 'scm'}, [])
