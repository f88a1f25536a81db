"""tools/check_dataset.py as it is typed."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

TOOL = Path(__file__).parents[2] / 'tools/check_dataset.py'
CONFIG = """default_scope = 'mmpretrain'
val_dataloader = dict(dataset=dict(
    type='mmscm.WSOLMetadata', data_root='{}', split_folder='lists',
    data_prefix='images', num_classes=2, test_mode=True,
    pipeline=[dict(type='mmscm.LoadImage'), dict(type='PackInputs')]))
"""


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines))


def paint(path, width, height):
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))


@pytest.fixture
def root(tmp_path):
    """A config of four images of two classes, all in order."""
    ids = [f'{name}.png' for name in 'abcd']
    write(tmp_path / 'lists/image_ids.txt', *ids)
    labels = (f'{key},{i % 2}' for i, key in enumerate(ids))
    write(tmp_path / 'lists/class_labels.txt', *labels)
    write(tmp_path / 'lists/image_sizes.txt', *(f'{k},40,20' for k in ids))
    boxes = (f'{key},0,0,9,9' for key in ids)
    write(tmp_path / 'lists/localization.txt', *boxes, 'd.png,2,2,40,20')
    (tmp_path / 'images').mkdir()
    for key in ids:
        paint(tmp_path / 'images' / key, 40, 20)
    (tmp_path / 'config.py').write_text(CONFIG.format(tmp_path))
    return tmp_path


@pytest.fixture
def check(root, monkeypatch, capsys):
    """Run the tool: exit status, and the lines that it prints."""

    def run(*arguments):
        command = [str(TOOL), str(root / 'config.py'), *arguments]
        monkeypatch.setattr(sys, 'argv', command)
        try:
            runpy.run_path(str(TOOL), run_name='__main__')
        except SystemExit as end:
            return end.code, capsys.readouterr().out.splitlines()
        return 0, capsys.readouterr().out.splitlines()

    return run


def test_a_good_set_is_counted(check):
    summary = 'val: 4 images, 2 classes, 5 boxes or masks, 0 problems'
    assert check() == (0, [summary])
    assert check('--no-images', '--split', 'val') == (0, [summary])
    status, _ = check('--split', 'train')
    assert 'Expected `train_dataloader` in the config' in status


def test_all_wrong_lines_of_a_list_are_named(root, check):
    write(root / 'lists/localization.txt', *['a.png,0,0,9'] * 20)
    status, lines = check('--json', str(root / 'out.json'))
    assert status == 1
    assert [line.split(':')[1] for line in lines[:-1]] == [
        f' {root}/lists/localization.txt, line {i}' for i in range(1, 21)
    ]
    assert lines[-1].startswith('val: 0 images')
    assert lines[-1].endswith('20 problems')
    assert len(json.loads((root / 'out.json').read_text())['val']['problems'])


@pytest.mark.parametrize('workers', ['0', '2'])
def test_all_wrong_images_are_named(root, check, workers):
    (root / 'images/a.png').unlink()
    (root / 'images/b.png').write_bytes(b'')
    paint(root / 'images/c.png', 20, 40)
    paint(root / 'images/d.png', 41, 20)
    status, lines = check('--workers', workers)
    assert status == 1
    starts = [f'val: {root}/images/{name}.png: Expected ' for name in 'abcd']
    assert all(map(str.startswith, lines, starts))
    assert '40 x 20 pixels, as listed' in lines[2]
    assert lines[-1].endswith('5 boxes or masks, 4 problems')


def test_a_box_outside_an_image_of_unlisted_size_and_a_missing_list_are_found(
    root, check
):
    (root / 'lists/image_sizes.txt').unlink()
    boxes = (f'{key}.png,0,0,9,9' for key in 'abcd')
    write(root / 'lists/localization.txt', *boxes, 'b.png,0,0,60,9')
    _, (problem, _) = check()
    assert f'{root}/images/b.png: Expected a box within the im' in problem
    (root / 'lists/class_labels.txt').unlink()
    _, (problem, _) = check()
    assert problem.startswith(f'val: {root}/lists/class_labels.txt: Expected')
