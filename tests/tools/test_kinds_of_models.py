"""Maps of classes, a map of none, boxes: programs take every kind of model."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from image_rows import read_image_rows
from report import write_report
from tool_runs import run_tool
from toy_training import CONFIGS
from webdemo_views import Models

from mmscm import get_model
from mmscm.apis import load_config

LOADER = {'batch_size': 4, 'dataset.length': 4, 'dataset.img_size': 64}
LOADER |= dict(num_workers=0, persistent_workers=False)
OPTIONS = {f'test_dataloader.{key}': value for key, value in LOADER.items()}
OPTIONS |= {'log_level': 'ERROR', 'visualizer.vis_backends': []}


def files_of(kind, folder):
    """Config and random weights."""
    cfg = load_config(CONFIGS / f'{kind}.py', folder / 'run', OPTIONS)
    config, weights = folder / 'model.py', folder / 'model.pth'
    cfg.dump(config)
    torch.manual_seed(0)
    torch.save(get_model(cfg).state_dict(), weights)
    return str(config), str(weights)


@pytest.mark.slow
@pytest.mark.parametrize(
    'method', ['c2am', 'gc-net', 'psol', 'spa', 'spol', 'spol masks']
)
def test_a_model_is_tested_shown_reported_and_used(
    method, tmp_path, monkeypatch
):
    classifies, (method, *stage) = method != 'psol', method.split()
    kind = '_'.join([f'{method}/resnet-micro_toy', *stage])
    files = files_of(kind, tmp_path)
    run, shown = tmp_path / 'run', tmp_path / 'shown'
    run_tool('test.py', *files, '--work-dir', run, '--show-dir', shown)
    rows = read_image_rows(run)
    assert len(rows) == 4
    assert classifies or all(row.predicted == row.class_name for row in rows)
    pictures = [*shown.rglob('*.png')]
    assert {cv2.imread(str(path)).shape for path in pictures} == {
        (224 + 22, 2 * 224, 3)
    }
    page = write_report([run], tmp_path / 'report.html')
    assert page.read_text().count('data:image/jpeg') == 4

    photo = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    (tmp_path / 'photos').mkdir()
    cv2.imwrite(str(tmp_path / 'photos/a.png'), photo)
    monkeypatch.chdir(tmp_path)
    run_tool('infer.py', 'photos', *files, '--review', '--show-dir', 'drawn')
    _, line = Path('outputs/boxes.jsonl').read_text().splitlines()
    found = json.loads(line)
    assert classifies == (found['class'] != 'object')
    (box,) = found['bboxes']
    assert 0 <= box[0] < box[2] <= 60
    assert 0 <= box[1] < box[3] <= 40
    view = Models({'model': files}, 'cpu').predict(
        'model', str(tmp_path / 'photos/a.png')
    )
    np.testing.assert_allclose(view.box(0, 0.2), box, atol=0.01)
    assert Path('drawn/a.png.jpg').is_file()
    assert Path('outputs/review.html').is_file()
