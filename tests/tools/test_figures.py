"""Figures show the maps and values that they name."""

import json

import figures
import numpy as np
import pytest
import torch
from figures import block_maps, blocks_figure
from run_folders import write_log
from tiny_model import smooth_image, tiny_config, tiny_files

from mmscm import LocalizationInferencer

IMAGE = smooth_image((60, 50), (5, 6))


@pytest.fixture(scope='module')
def maps(inferencer):
    return block_maps(inferencer, IMAGE, 'church')


def test_first_maps_are_those_of_predict(inferencer, maps):
    (sample,) = inferencer(IMAGE, True, progress=False)
    at = sample.map_labels.tolist().index(maps.label)
    found = maps.semantic(0) * maps.attention(0)
    wanted = sample.localization_maps[at]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_last_maps_are_those_of_the_neck(inferencer, maps):
    with torch.no_grad():
        semantic, attention = inferencer.model.neck(*maps.steps[0])
    np.testing.assert_allclose(maps.semantic(2), semantic[0, 1], rtol=1e-5)
    np.testing.assert_allclose(maps.attention(2), attention[0], rtol=1e-5)


def test_the_predicted_class_is_the_default(inferencer):
    (result,) = inferencer(IMAGE, progress=False)
    assert block_maps(inferencer, IMAGE).label == result['pred_label']


@pytest.mark.parametrize(
    ('figure', 'rows', 'columns'),
    [
        (blocks_figure, 3, 4),  # image and three pairs of two blocks
        (figures.grid_figure, 3, 3),
        (figures.diffusion_figure, 2, 1 + len(figures.ITERATIONS)),
        (figures.filtering_figure, 2, 4),
    ],
)
def test_sheets_have_a_panel_a_map(maps, figure, rows, columns):
    picture = figure(maps, side=50)
    assert picture.shape == (rows * 72, columns * 50, 3)
    assert picture.dtype == np.uint8


def test_a_model_without_neck_has_no_blocks(tmp_path):
    files = tiny_files(tmp_path, neck=False)
    inferencer = LocalizationInferencer(*files, device='cpu')
    with pytest.raises(ValueError, match='with a neck'):
        block_maps(inferencer, IMAGE)


def test_models_are_compared_in_columns(inferencer):
    models = {'TS-CAM': inferencer, 'SCM': inferencer}
    picture = figures.compare_figure(models, [IMAGE, IMAGE], side=50)
    assert picture.shape == (22 + 2 * 72, 3 * 50, 3)
    np.testing.assert_array_equal(picture[22:, 50:100], picture[22:, 100:])


def test_lambda_and_beta_are_drawn_over_a_resumed_training(tmp_path):
    for name, steps, value in (('1', (10, 20, 30), 1), ('2', (30, 40), 2)):
        rows = [
            {'step': step, 'scm/lambda_0': value, 'scm/beta_0': value / 2}
            for step in steps
        ]
        write_log(tmp_path, [*rows, {'step': 1, 'wsol/gt_known': 5}], name)
    left, right = figures.scalars_figure(tmp_path).axes
    assert left.lines[0].get_xdata().tolist() == [10, 20, 30, 40]
    assert left.lines[0].get_ydata().tolist() == [1, 1, 2, 2]
    assert right.lines[0].get_ydata().tolist() == [0.5, 0.5, 1, 1]


def test_a_folder_without_logs_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='training with SCM'):
        figures.scalars_figure(tmp_path)


def test_depth_is_read_from_config_and_record(tmp_path):
    for blocks in (4, 0, 2):
        folder = tmp_path / str(blocks)
        folder.mkdir()
        cfg = tiny_config(neck=blocks > 0)
        if blocks:
            cfg.model.neck.num_blocks = blocks
        cfg.dump(folder / 'tiny.py')
        metrics = {'wsol/gt_known': 50.0 + blocks}
        metrics |= {'wsol/gt_known_thr': 0.1 * blocks}
        metrics |= {'wsol/top1_cls': 70.0 + blocks}
        record = dict(config='tiny.py', checkpoint='x.pth', metrics=metrics)
        (folder / 'test_metrics.json').write_text(json.dumps(record))
    assert figures.depth_point(tmp_path / '2') == (2, 72, 52, 0.2)
    figure = figures.depth_figure([tmp_path / name for name in '402'])
    known = figure.axes[1].lines[0]
    assert known.get_xdata().tolist() == [0, 2, 4]
    assert known.get_ydata().tolist() == [50, 52, 54]
