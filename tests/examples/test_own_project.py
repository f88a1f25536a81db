"""The user's project of examples/ works in another folder."""

import shutil
from pathlib import Path

import pytest
from small_models import vit_arch

from mmscm.apis import build_runner, load_config, set_testing, set_training

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / 'examples' / 'own_project'
SMALL = {f'{split}_dataloader.num_workers': 0 for split in ('train', 'val')}
SMALL |= {'test_dataloader.num_workers': 0, 'train_cfg.max_epochs': 1}
SMALL |= {'model.head.in_channels': 48}
# 2 layers of 48 numbers, nothing downloaded
ARCH = dict(vit_arch(48, 2, 3, 96), _delete_=True)
TIMM = dict(embed_dim=48, depth=2, num_heads=3)
BACKBONES = {
    'scm_deit-s_shapes.py': dict(init_cfg=None, arch=ARCH),
    'scm_vit-t_shapes.py': dict(TIMM, pretrained=False),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(PROJECT, tmp_path / 'own_project')


def small_config(path):
    changes = BACKBONES[path.name].items()
    backbone = {f'model.backbone.{key}': value for key, value in changes}
    return load_config(path, options=SMALL | backbone)


@pytest.mark.slow
@pytest.mark.parametrize('name', BACKBONES)
def test_the_project_trains_and_tests(project, name):
    cfg = small_config(project / name)
    set_training(cfg)
    build_runner(cfg).train()
    work_dir = project.parent / 'work_dirs/own_project' / Path(name).stem
    (best,) = work_dir.glob('best_*.pth')
    cfg = small_config(project / name)
    set_testing(cfg, str(best))
    runner = build_runner(cfg)
    metrics = runner.test()
    assert 0 <= metrics['wsol/gt_known'] <= 100
    dataset = runner.test_dataloader.dataset
    assert dataset.metainfo['classes'] == ('disc', 'square')
    assert len(dataset) == 4


def test_only_data_and_classes_differ_from_the_config_it_inherits():
    got = load_config(PROJECT / 'scm_deit-s_shapes.py')
    expected = load_config(ROOT / 'configs/scm/deit-s_cub.py')
    expected.model.head.num_classes = 2
    assert got.model == expected.model
    assert got.train_pipeline == expected.train_pipeline
    assert got.val_evaluator == expected.val_evaluator
    assert got.optim_wrapper == expected.optim_wrapper


def test_the_images_are_found_from_anywhere(project):
    cfg = load_config(project / 'scm_vit-t_shapes.py')
    root = Path(cfg.test_dataloader.dataset.data_root)
    assert len(list((root / 'images').glob('*.jpg'))) == 24
    assert root == project / 'data'
