"""The host's hook drives LocalizationVisualizer, to disk and TensorBoard."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from mmpretrain.engine import VisualizationHook
from mmpretrain.structures import DataSample

from mmscm.visualization import LocalizationVisualizer


def sample(name):
    plane = torch.arange(16.0).view(4, 4)
    found = DataSample(metainfo=dict(img_path=f'photos/{name}'))
    found.set_pred_score(torch.tensor([0.1, 0.9])).set_pred_label(1)
    found.set_field(plane, 'attention_map')
    found.set_field(plane[None], 'semantic_maps')
    found.set_field(plane[None], 'localization_maps')
    return found


def validate(hook, count=6, batch=2):
    """``count`` images named by their number, in epoch 3."""
    runner = SimpleNamespace(train_loop=None, iter=3)
    for index, start in enumerate(range(0, count, batch)):
        names = [f'{i}.jpg' for i in range(start, min(count, start + batch))]
        inputs = torch.zeros(len(names), 3, 32, 32, dtype=torch.uint8)
        samples = [sample(name) for name in names]
        hook.after_val_iter(runner, index, dict(inputs=inputs), samples)


def test_every_interval_th_image_goes_to_disk(tmp_path):
    LocalizationVisualizer.get_instance('disk')
    validate(VisualizationHook(True, interval=2, out_dir=str(tmp_path)))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ['0.jpg_3.png', '2.jpg_3.png', '4.jpg_3.png']


def test_a_picture_in_a_folder_is_not_written_by_the_backends_too(tmp_path):
    LocalizationVisualizer.get_instance(
        'once',
        vis_backends=[dict(type='LocalVisBackend')],
        save_dir=str(tmp_path),
    )
    out_dir = tmp_path / 'shown'
    validate(VisualizationHook(True, interval=1, out_dir=str(out_dir)))
    pictures = [*tmp_path.rglob('*.png'), *tmp_path.rglob('*.jpg')]
    assert len(pictures) == 6
    assert {path.parent for path in pictures} == {out_dir}


def test_pictures_go_to_tensorboard(tmp_path):
    pytest.importorskip('tensorboard')
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )

    LocalizationVisualizer.get_instance(
        'tensorboard',
        vis_backends=[dict(type='TensorboardVisBackend')],
        save_dir=str(tmp_path),
    )
    validate(VisualizationHook(True, interval=4))
    (log,) = tmp_path.rglob('events.out.*')
    LocalizationVisualizer.get_current_instance().close()
    events = EventAccumulator(str(log)).Reload()
    assert sorted(events.Tags()['images']) == ['0.jpg', '4.jpg']
    (picture,) = events.Images('4.jpg')
    assert (picture.height, picture.width) == (224 + 22, 4 * 224)
    assert picture.step == 3


def test_a_hook_that_is_off_draws_nothing(tmp_path):
    LocalizationVisualizer.get_instance('off')
    validate(VisualizationHook(False, out_dir=str(tmp_path)))
    assert not list(tmp_path.iterdir())
