"""tools/check_dataset.py as it is typed."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / 'tools/check_dataset.py'
CONFIG = """default_scope = 'mmpretrain'
train_dataloader = dict(dataset=dict(
    type='mmscm.CUBLocalization', data_root='{}', split='test',
    pipeline=[dict(type='mmscm.LoadImage')]))
"""


@pytest.fixture
def config(tmp_path):
    """Two images of CUB, one of them with an impossible box, neither there."""
    lists = {
        'images': ('1 a.jpg', '2 b.jpg'),
        'image_class_labels': ('1 1', '2 1'),
        'train_test_split': ('1 0', '2 0'),
        'classes': ('1 001.Auk',),
        'bounding_boxes': ('1 0 0 9 9', '2 0 0 -9 9'),
    }
    for name, lines in lists.items():
        (tmp_path / f'{name}.txt').write_text('\n'.join(lines))
    path = tmp_path / 'config.py'
    path.write_text(CONFIG.format(tmp_path))
    return path


@pytest.fixture
def check(monkeypatch, capsys):
    """Run the tool: exit status, and what it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', [str(TOOL), *arguments])
        try:
            runpy.run_path(str(TOOL), run_name='__main__')
        except SystemExit as end:
            return end.code, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return run


def test_problems_are_listed_with_file_and_line_and_fail(config, check):
    out = config.parent / 'out.json'
    status, printed, bar = check(str(config), '--json', str(out))
    first, *_, last = printed.splitlines()
    assert status == 1
    assert first.startswith(
        f'train: {config.parent}/bounding_boxes.txt, line 2: Expected a box'
    )
    assert f'{config.parent}/images/a.jpg: Expected an image' in printed
    assert last.startswith('train: 1 images, 1 of 1 classes, 1 boxes')
    assert '100%' in bar
    assert len(json.loads(out.read_text())['train']['problems']) == 3


def test_good_lists_pass(config, check):
    (config.parent / 'bounding_boxes.txt').write_text('1 0 0 9 9\n2 0 0 9 9')
    status, printed, _ = check(str(config), '--no-images', '--split', 'train')
    assert status == 0
    assert printed.strip() == (
        'train: 2 images, 1 of 1 classes, 2 boxes or masks, 0 problems'
    )
