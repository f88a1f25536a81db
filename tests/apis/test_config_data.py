"""Data that is not there is named before a model is built."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config

from mmscm.apis import load_config, set_testing, set_training
from mmscm.apis.config_data import check_data_paths, datasets_of

ROOT = Path(__file__).parents[2]
SPLITS = ('train', 'val', 'test')


def config_of(entry, split='train', **settings):
    loader = {f'{split}_dataloader': dict(dataset=entry)}
    return Config(dict(default_scope='mmpretrain', **loader, **settings))


def lists(root, **settings):
    """An entry of a config and its files, of one image."""
    folder = Path(root, 'part')
    folder.mkdir(parents=True)
    (folder / 'image_ids.txt').write_text('x.png\n')
    (folder / 'class_labels.txt').write_text('x.png,0\n')
    (folder / 'localization.txt').write_text('x.png,0,0,4,4\n')
    return dict(
        type='mmscm.WSOLMetadata',
        data_root=str(root),
        split_folder='part',
        **settings,
    )


@pytest.mark.parametrize('split', SPLITS)
@pytest.mark.parametrize(
    'name',
    [
        'deit-s_cub',
        'deit-s_imagenet',
        'vit-micro_imagenette',
        '../_base_/datasets/openimages_224',
    ],
)
def test_a_missing_root_is_named_with_its_place(
    name, split, tmp_path, monkeypatch
):
    cfg = load_config(ROOT / 'configs/scm' / f'{name}.py', tmp_path)
    monkeypatch.chdir(tmp_path)
    given = cfg[f'{split}_dataloader'].dataset.data_root
    with pytest.raises(FileNotFoundError) as caught:
        check_data_paths(cfg, split)
    message = str(caught.value)
    assert message.startswith(f'{tmp_path / given}: Expected the folder for ')
    assert f"`{split}_dataloader.dataset.data_root`, which is '{given}'" in (
        message
    )


def test_drawn_data_needs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cfg = load_config(ROOT / 'configs/scm/vit-micro_toy.py', tmp_path)
    check_data_paths(cfg, *SPLITS)


@pytest.mark.parametrize('name', ['image_ids', 'class_labels', 'localization'])
def test_a_missing_list_is_named(tmp_path, name):
    cfg = config_of(lists(tmp_path))
    check_data_paths(cfg, 'train')
    (tmp_path / f'part/{name}.txt').unlink()
    with pytest.raises(
        FileNotFoundError,
        match=rf'{name}\.txt: Expected the annotation file for '
        r"`train_dataloader\.dataset\.split_folder`, which is 'part'",
    ):
        check_data_paths(cfg, 'train')


def test_missing_names_of_classes_are_named(tmp_path):
    cfg = config_of(lists(tmp_path, classes='names.txt'))
    with pytest.raises(
        FileNotFoundError, match=r"dataset\.classes`, which is 'names\.txt'"
    ):
        check_data_paths(cfg, 'train')


@pytest.mark.parametrize('prefix', ['pictures', dict(img_path='pictures')])
def test_a_missing_folder_of_images_is_named(tmp_path, prefix):
    cfg = config_of(lists(tmp_path, data_prefix=prefix))
    with pytest.raises(
        FileNotFoundError, match=r"data_prefix.*`, which is 'pictures'"
    ):
        check_data_paths(cfg, 'train')
    (tmp_path / 'pictures').mkdir()
    check_data_paths(cfg, 'train')


def test_training_looks_at_the_set_that_selects(tmp_path):
    here, absent = lists(tmp_path), lists(tmp_path / 'b')
    absent['data_root'] = str(tmp_path / 'absent')
    cfg = Config(
        dict(
            default_scope='mmpretrain',
            train_dataloader=dict(dataset=here),
            val_dataloader=dict(dataset=here),
            test_dataloader=dict(dataset=absent),
        )
    )
    set_training(cfg)
    cfg.select_on = 'test'
    with pytest.raises(FileNotFoundError, match=r'`test_dataloader\.dataset'):
        set_training(cfg)


def test_a_test_looks_at_the_test_set_only(tmp_path):
    here, absent = lists(tmp_path), lists(tmp_path / 'b')
    absent['data_root'] = str(tmp_path / 'absent')
    weights = tmp_path / 'weights.pth'
    weights.touch()
    cfg = config_of(absent, 'train', test_dataloader=dict(dataset=here))
    set_testing(cfg, str(weights))
    cfg.test_dataloader.dataset = absent
    with pytest.raises(FileNotFoundError, match=r'`test_dataloader\.dataset'):
        set_testing(cfg, str(weights))


def test_wrapped_sets_are_found_in_their_place(tmp_path):
    absent = dict(type='mmscm.CUBLocalization', data_root=str(tmp_path / 'a'))
    here = lists(tmp_path / 'b')
    repeated = dict(type='RepeatDataset', times=2, dataset=absent)
    balanced = dict(
        type='ClassBalancedDataset', oversample_thr=0.1, dataset=here
    )
    joined = dict(type='ConcatDataset', datasets=[balanced, repeated])
    cfg = config_of(joined)
    assert dict(datasets_of(cfg, 'train')) == {
        'train_dataloader.dataset.datasets.0.dataset': here,
        'train_dataloader.dataset.datasets.1.dataset': absent,
    }
    with pytest.raises(
        FileNotFoundError,
        match=r'`train_dataloader\.dataset\.datasets\.1\.dataset\.data_root`',
    ):
        check_data_paths(cfg, 'train')


@pytest.mark.parametrize(
    'entry',
    [
        dict(type='CustomDataset', data_root='s3://bucket/images'),
        dict(
            type='CustomDataset',
            data_root='absent',
            backend_args=dict(backend='petrel'),
        ),
        dict(type='CIFAR10', data_root='absent'),
        dict(type='TinyDataset', data_root='absent'),
        dict(type='NoSuchDataset', data_root='absent'),
        dict(type='mmscm.CUBLocalization'),
        dict(type='mmscm.CUBLocalization', data_root=None),
        dict(type='mmscm.WSOLMetadata', data_root='absent', split_foldr='a'),
        None,
    ],
)
def test_what_is_not_known_is_left_to_the_data_set(entry):
    check_data_paths(config_of(entry), *SPLITS)


@pytest.mark.parametrize(
    'entry',
    [
        dict(type='CustomDataset', data_root='absent'),
        dict(type='CIFAR10', data_root='absent', download=False),
    ],
)
def test_sets_of_the_host_need_their_root(entry):
    with pytest.raises(
        FileNotFoundError, match=r"dataset\.data_root`, which is 'absent'"
    ):
        check_data_paths(config_of(entry), 'train')
