"""Mistakes in a config are found before any image is read, and explained."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.registry import MODELS

from mmscm.apis import build_runner, load_config, runner, set_testing
from mmscm.apis.model_zoo import get_model

CONFIG = Path(__file__).parents[2] / 'configs/scm/vit-micro_toy.py'
HOST_VIT = dict(type='VisionTransformer', arch='deit-tiny')


@pytest.fixture(autouse=True)
def no_tensorboard(monkeypatch):
    """It takes two seconds to import."""
    monkeypatch.setattr(runner, 'find_spec', lambda name: None)


@pytest.fixture
def cfg(tmp_path):
    """A right config of few images."""
    cfg = load_config(CONFIG, tmp_path)
    for split in ('train', 'val', 'test'):
        loader = cfg[f'{split}_dataloader']
        loader.num_workers = 0
        loader.batch_size = loader.dataset.length = 2
    return cfg


def refused(cfg, message):
    with pytest.raises(ValueError, match=message):
        build_runner(cfg)


def test_the_right_config_is_accepted(cfg):
    build_runner(cfg)


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        (
            'model.neck.type',
            'mmscm.SMC',
            r"`model\.neck\.type` .* 'mmscm\.SMC'.*mean 'mmscm\.SCM'",
        ),
        ('model.neck.type', 'SCM', r"'SCM'\. Did you mean 'mmscm\.SCM'"),
        ('model.head.type', 'mmscm.SemanticHaed', 'mmscm.SemanticHead'),
        ('model.head.loss', dict(type='CrossEntropy'), 'CrossEntropyLoss'),
        ('test_evaluator.0.type', 'mmscm.MaxBoxAc', 'mmscm.MaxBoxAcc'),
        ('test_dataloader.dataset.type', 'mmscm.ToyObject', 'ToyObjects'),
        ('train_pipeline.0.type', 'ignored: not part of a loader', None),
        (
            'train_dataloader.dataset.pipeline.0.type',
            'mmscm.RandomFlp',
            r'`train_dataloader\.dataset\.pipeline\.0\.type`.*RandomFlip',
        ),
        ('default_hooks.logger.type', 'LogerHook', 'LoggerHook'),
        ('optim_wrapper.optimizer.type', 'AdamWW', 'AdamW'),
        ('param_scheduler.1.type', 'CosineAnealingLR', 'CosineAnnealingLR'),
        ('visualizer.type', 'mmscm.LocalVisualizer', 'LocalizationVis'),
        ('model.neck.num_block', 4, r'`model\.neck\.num_block`.*num_blocks'),
        ('model.head.channels', 128, r'`model\.head\.channels`.*in_channels'),
    ],
)
def test_typos_get_the_nearest_name(cfg, key, value, message):
    cfg.merge_from_dict({key: value})
    if message is None:
        build_runner(cfg)
    else:
        refused(cfg, message)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(protocol='wsol'), "one of .*'wsoleval'.*but got 'wsol'"),
        (dict(cam_thrs=[10, 20]), r'in \[0, 1\).*fractions'),
        (dict(cam_thr=20, cam_thrs=None), r'in \[0, 1\).*fractions'),
        (dict(iou_thr=50), r'in \(0, 1\].*fractions, not percents'),
        (dict(topk=(0,)), '`topk` >= 1'),
    ],
)
@pytest.mark.parametrize('split', ['val', 'test'])
def test_metrics_are_checked_before_any_epoch(cfg, split, change, message):
    cfg[f'{split}_evaluator'][0].update(change)
    refused(cfg, message)


@pytest.mark.parametrize('value', [None, []])
def test_a_set_needs_metrics(cfg, value):
    cfg.test_evaluator = value
    refused(cfg, 'Expected `test_evaluator` .* beside `test_dataloader`')


def test_metrics_need_a_set(cfg):
    cfg.val_dataloader = None
    refused(cfg, 'Expected `val_dataloader` .* beside `val_evaluator`')


def test_select_on_is_val_or_test(cfg):
    cfg.select_on = 'train'
    refused(cfg, "'val' or 'test', but got 'train'")


@pytest.mark.parametrize(
    ('key', 'place'),
    [
        ('model.head.num_classes', 'data_preprocessor.num_classes'),
        ('test_dataloader.dataset.num_classes', 'test_dataloader.dataset.num'),
        ('train_dataloader.dataset.num_classes', 'train_dataloader.dataset'),
    ],
)
def test_numbers_of_classes_agree(cfg, key, place):
    cfg.merge_from_dict({key: 7})
    refused(cfg, f'as many classes in `{place}')


@pytest.fixture
def folder(tmp_path):
    """A set of one image of class 3 out of four, named in a file."""
    folder = tmp_path / 'data'
    (folder / 'test').mkdir(parents=True)
    (folder / 'classes.txt').write_text('a\nb\nc\nd\n')
    (folder / 'test/image_ids.txt').write_text('x.png\n')
    (folder / 'test/class_labels.txt').write_text('x.png,3\n')
    (folder / 'test/localization.txt').write_text('x.png,0,0,4,4\n')
    return folder


def on_folder(cfg, folder, classes):
    cfg.test_dataloader.dataset = dict(
        type='mmscm.WSOLMetadata',
        data_root=str(folder),
        split_folder='test',
        classes=classes,
    )
    cfg.merge_from_dict(
        {'model.head.num_classes': 3, 'data_preprocessor.num_classes': 3}
    )
    for split in ('train', 'val'):
        cfg[f'{split}_dataloader'].dataset.num_classes = 3
    return build_runner(cfg)


def test_names_that_only_the_set_knows_are_counted(cfg, folder):
    built = on_folder(cfg, folder, 'cub')
    with pytest.raises(ValueError, match=r'200, the classes of the WSOLMeta'):
        built.test()


def test_labels_of_a_set_without_names_are_looked_at(cfg, folder):
    built = on_folder(cfg, folder, None)
    with pytest.raises(ValueError, match=r'labels below .* 3, but got 3 in'):
        built.test()


def test_a_missing_data_root_is_named(cfg, tmp_path):
    built = on_folder(cfg, tmp_path / 'absent', None)
    with pytest.raises(FileNotFoundError, match='absent'):
        built.test()


def test_a_checkpoint_of_other_classes_says_both(cfg, tmp_path):
    model = get_model(cfg)
    weights = model.state_dict()
    weights['head.conv.weight'] = torch.zeros(7, 128, 3, 3)
    torch.save(dict(state_dict=weights), tmp_path / 'seven.pth')
    set_testing(cfg, str(tmp_path / 'seven.pth'))
    built = build_runner(cfg)
    with pytest.raises(
        ValueError,
        match=r'head\.conv\.weight \(10, 128, 3, 3\) .*has \(7, 128, 3, 3\)',
    ):
        built.test()


@pytest.mark.parametrize(
    ('backbone', 'message'),
    [
        (dict(type='ResNet', depth=18), 'ResNet. It has neither.*AttentionV'),
        (dict(type='SwinTransformer'), 'SwinTransformer. It has neither'),
        (HOST_VIT, r'VisionTransformer. With attention it is mmscm\.Atten'),
        (
            dict(type='TIMMBackbone', model_name='resnet18'),
            r'With attention it is mmscm\.AttentionTIMM',
        ),
        (
            HOST_VIT | dict(type='mmscm.AttentionViT', with_cls_token=False),
            'Expected `with_cls_token=True`',
        ),
        (
            HOST_VIT | dict(type='mmscm.AttentionViT', out_type='avg_featmap'),
            "left at 'featmap'",
        ),
        (
            HOST_VIT | dict(type='mmscm.AttentionViT', img_size=225),
            r'`img_size` of whole patches of \(16, 16\)',
        ),
        (
            dict(type='mmscm.AttentionTIMM', model_name='resnet18'),
            'class token, but got resnet18',
        ),
        (
            dict(
                type='mmscm.AttentionTIMM',
                model_name='vit_tiny_patch16_224',
                depth=1,
                class_token=False,
                global_pool='avg',
            ),
            'class token, but got vit_tiny_patch16_224',
        ),
        (
            HOST_VIT | dict(type='mmscm.AttentionViT'),
            r'`head\.in_channels` 192, .* but got 128',
        ),
    ],
)
def test_backbones_without_the_two_maps_are_refused(cfg, backbone, message):
    cfg.model.backbone = backbone
    refused(cfg, message)


@pytest.mark.parametrize(
    ('iters', 'message'),
    [((4, 4), r'each of the 4 blocks, but got'), (-1, '`num_iters` >= 0')],
)
def test_iterations_of_every_block_are_given(cfg, iters, message):
    cfg.model.neck.num_iters = iters
    refused(cfg, message)


@pytest.mark.parametrize(
    ('step', 'size'),
    [
        (dict(type='mmscm.Resize', scale=(112, 100)), r'\(100, 112\)'),
        (dict(type='mmscm.RandomCrop', crop_size=100), r'\(100, 100\)'),
    ],
)
def test_images_of_broken_patches_are_refused(cfg, step, size):
    cfg.test_dataloader.dataset.pipeline.insert(0, step)
    refused(cfg, rf'`test_dataloader\.dataset\.pipeline`, but got {size}')


def test_images_of_broken_patches_are_refused_at_run_time_too():
    backbone = MODELS.build(
        dict(
            type='mmscm.AttentionViT',
            arch='deit-tiny',
            img_size=32,
            patch_size=8,
        )
    )
    with pytest.raises(ValueError, match=r'`images` of whole patches'):
        backbone(torch.zeros(1, 3, 32, 30))
