from __future__ import annotations

import logging
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmcv.transforms import BaseTransform
from mmengine.config import Config
from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.registry import TRANSFORMS
from tiny_runner import tiny_config

from mmscm.apis.runner import build_runner, set_training
from mmscm.engine.hooks import SkippedImagesHook, skipped_images
from mmscm.engine.hooks.epoch_seed import SeededDataset
from mmscm.engine.leaf_datasets import leaf_datasets


class Flagged(BaseDataset):
    metainfo: dict = {}
    _fully_initialized = True

    def __init__(self, *flags, name='a'):
        self.skipped = (
            torch.tensor(flags, dtype=torch.uint8) if flags else None
        )
        self.name = name

    def full_init(self):
        pass

    def __len__(self):
        return 1 if self.skipped is None else len(self.skipped)

    def get_data_info(self, index):
        return dict(img_path=f'{self.name}{index}.jpg')


@pytest.fixture
def warnings(monkeypatch):
    found = []

    def note(message, logger, level):
        assert (logger, level) == ('current', logging.WARNING)
        found.append(message)

    monkeypatch.setattr(skipped_images, 'print_log', note)
    return found


def runner(dataset):
    return SimpleNamespace(train_dataloader=SimpleNamespace(dataset=dataset))


def test_number_and_first_names_come_once_for_each_new_image(warnings):
    dataset = Flagged(0, 1, 0, 1)
    hook, run = SkippedImagesHook(), runner(dataset)
    hook.after_train_epoch(run)
    hook.after_train_epoch(run)
    assert len(warnings) == 1
    assert warnings[0].startswith('Skipped 2 of 4 training images')
    assert "['a1.jpg', 'a3.jpg']" in warnings[0]
    dataset.skipped[0] = 1
    hook.after_train(run)
    assert len(warnings) == 2
    assert warnings[1].startswith('Skipped 3 of 4 training images')


def test_nothing_is_said_where_nothing_was_skipped(warnings):
    for dataset in (Flagged(0, 0), Flagged(), SeededDataset(Flagged(), 0)):
        SkippedImagesHook().after_train_epoch(runner(dataset))
    assert warnings == []


def test_wrapped_data_sets_are_found(warnings):
    first, second = Flagged(1, 0), Flagged(0, 1, 1, name='b')
    both = SeededDataset(ConcatDataset([first, second]), seed=0)
    assert list(leaf_datasets(both)) == [first, second]
    assert list(leaf_datasets(RepeatDataset(first, 2))) == [first]
    SkippedImagesHook().after_train_epoch(runner(both))
    assert warnings[0].startswith('Skipped 3 of 5 training images')
    assert "['a0.jpg', 'b1.jpg', 'b2.jpg']" in warnings[0]


def test_the_images_of_all_processes_count(warnings, monkeypatch):
    def all_reduce(flags, op):
        assert op == 'max'
        flags[0] = 1  # what another process has met

    monkeypatch.setattr(skipped_images, 'all_reduce', all_reduce)
    dataset = Flagged(0, 1)
    SkippedImagesHook().after_train_epoch(runner(dataset))
    assert warnings[0].startswith('Skipped 2 of 2 training images')
    assert dataset.skipped.tolist() == [0, 1]


@TRANSFORMS.register_module()
class MeanColour(BaseTransform):
    """An image -> what TinyModel takes."""

    def transform(self, results):
        mean = torch.tensor([*results['img'].mean((0, 1)), 1.0])
        return {'inputs': mean.float(), 'labels': results['gt_label']}


def image_config(root) -> Config:
    """Training on eight images, two of them bad."""
    ids = [f'{i}.png' for i in range(8)]
    for key in ids:
        cv2.imwrite(str(root / key), np.full((4, 4, 3), 90, np.uint8))
    (root / '3.png').write_bytes(b'')
    (root / '5.png').unlink()
    (root / 'image_ids.txt').write_text('\n'.join(ids))
    labels = [f'{key},{i % 2}' for i, key in enumerate(ids)]
    (root / 'class_labels.txt').write_text('\n'.join(labels))
    cfg = tiny_config(str(root / 'run'))
    cfg.train_dataloader.num_workers = 2
    cfg.train_dataloader.dataset = dict(
        type='mmscm.WSOLMetadata',
        data_root=str(root),
        split_folder='.',
        localization='none',
        skip_bad_images=True,
        pipeline=[dict(type='mmscm.LoadImage'), dict(type='MeanColour')],
    )
    return cfg


@pytest.mark.slow
def test_training_goes_on_and_the_log_names_bad_images(tmp_path):
    cfg = image_config(tmp_path)
    set_training(cfg)
    cfg.custom_hooks = [dict(type='mmscm.SkippedImagesHook')]
    runner = build_runner(cfg)
    runner.train()
    assert runner.epoch == 2
    (log,) = (tmp_path / 'run').glob('*/*.log')
    (line,) = [x for x in log.read_text().splitlines() if 'Skipped ' in x]
    assert 'WARNING - Skipped 2 of 8 training images' in line
    assert f"['{tmp_path}/3.png', '{tmp_path}/5.png']" in line
