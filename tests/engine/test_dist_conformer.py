"""BatchNorm's statistics are the same in all processes after an epoch."""

from __future__ import annotations

import os

import pytest
import torch
from dist_processes import launch
from dist_runs import BATCH, CONFIGS, DIM, small_config, train, trained
from mmengine.config import Config

HOOKS = Config.fromfile(CONFIGS / 'scm' / 'conformer-s_cub.py').custom_hooks
BATCHES = 6


def train_conformer(folder, custom_hooks):
    """Train, and write the buffers of every process."""
    options = {
        'model.backbone': dict(
            _delete_=True,
            type='mmscm.AttentionConformer',
            arch=dict(
                embed_dims=DIM, depths=3, num_heads=3, channel_ratio=0.25
            ),
            mlp_ratio=2,
        ),
        'model.head.type': 'mmscm.ConformerSemanticHead',
        'model.head.cnn_channels': 64,  # 256 * channel_ratio
        'train_dataloader.batch_size': BATCH // 2,
        'custom_hooks': custom_hooks,
    }
    model = train(small_config(folder, options), 'pytorch')
    buffers = dict(model.module.named_buffers())
    torch.save(buffers, folder / f'rank_{os.environ["RANK"]}.pth')


def train_both(with_hook, without):
    """One training with the hook of the configs, one without."""
    train_conformer(with_hook, HOOKS)
    train_conformer(without, [])


def buffers_of(folder):
    """Of the first process, the second and the checkpoint."""
    first, second = (torch.load(folder / f'rank_{i}.pth') for i in (0, 1))
    saved = trained(folder)['state_dict']
    return (
        first,
        second,
        {name: saved[name] for name in saved if name in first},
    )


@pytest.mark.slow
def test_the_configs_hook_makes_the_statistics_of_all_processes_one(tmp_path):
    launch(train_both, 2, tmp_path / 'with', tmp_path / 'without')
    first, second, saved = buffers_of(tmp_path / 'with')
    equal = dict(rtol=0, atol=0)
    assert saved['backbone.bn1.num_batches_tracked'] == BATCHES
    assert saved['backbone.bn1.running_mean'].any()
    torch.testing.assert_close(second, first, **equal)
    torch.testing.assert_close(
        saved, {name: first[name] for name in saved}, **equal
    )
    first, second, saved = buffers_of(tmp_path / 'without')
    name = 'backbone.bn1.running_mean'
    assert not torch.equal(first[name], second[name])
    assert torch.equal(first[name], saved[name])
