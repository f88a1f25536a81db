"""Training without its data ends with the path that is missing."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ('config', 'missing'),
    [
        ('scm/vit-micro_imagenette.py', 'data/imagenette_wsol/classes.txt'),
        ('scm/vit-micro_toy.py', 'data/gone/classes.txt'),
    ],
)
def test_the_missing_file_is_named(tmp_path, monkeypatch, config, missing):
    monkeypatch.chdir(tmp_path)
    command = ['train.py', str(ROOT / 'configs' / config)]
    if 'gone' in missing:  # the val set is read before training begins
        kind = 'val_dataloader.dataset.type=mmscm.CUBLocalization'
        place = 'val_dataloader.dataset.data_root=data/gone'
        command += ['--cfg-options', 'val_dataloader.dataset._delete_=True']
        command += [kind, place]
    monkeypatch.setattr(sys, 'argv', command)
    with pytest.raises(FileNotFoundError, match=rf'{missing}: .*README'):
        runpy.run_path(str(ROOT / 'tools/train.py'), run_name='__main__')
