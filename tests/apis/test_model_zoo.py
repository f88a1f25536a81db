"""Models by name."""

import subprocess
import sys

import pytest
import torch
from tiny_model import CLASSES, tiny_files

import mmscm
from mmscm.apis.model_zoo import read_config
from mmscm.engine.thresholds import thresholds_of

LIGHT = """
import os, sys
environ = dict(os.environ)
import mmscm
assert os.environ == environ
assert not {'torch', 'mmengine', 'mmcv', 'mmpretrain'} & {*sys.modules}
"""
PARTS = """
import mmengine.runner.checkpoint, mmengine.config, torch
loaders = mmengine.runner.checkpoint.CheckpointLoader
before, config = dict(loaders._schemes), vars(mmengine.Config).copy()
import mmscm.datasets, mmscm.engine, mmscm.evaluation, mmscm.models
import mmscm.visualization
assert before.items() <= loaders._schemes.items()  # public:// is ours
assert vars(mmengine.Config).copy() == config
"""


def test_every_leaf_config_is_listed_and_patterns_choose():
    names = mmscm.list_models()
    assert {'scm_deit-s_cub', 'tscam_deit-s_cub'} <= set(names)
    assert not [name for name in names if name.startswith('_base_')]
    chosen = mmscm.list_models('scm_vit-micro*')
    assert chosen == ['scm_vit-micro_imagenette', 'scm_vit-micro_toy']
    assert mmscm.LocalizationInferencer.list_models('scm_vit-micro*') == chosen


def test_names_of_the_metafiles_are_listed():
    from modelindex.load_model_index import load

    from mmscm.project import project_root

    index = load(str(project_root() / 'model-index.yml'))
    named = {model.name for model in index.models}
    assert named
    assert named <= set(mmscm.list_models())


@pytest.mark.parametrize('name', ['scm_vit-micro_toy', 'scm/vit-micro_toy'])
def test_a_model_is_built_by_name_with_changes(name):
    model = mmscm.get_model(name, neck=dict(num_blocks=1))
    assert model.head.num_classes == 10
    assert len(model.neck.blocks) == 1
    assert not model.training


@pytest.mark.parametrize('name', ['tokencut_dinov2-s', 'attention_deit-s'])
def test_imagenet_may_be_left_out_of_a_name(name):
    short, whole = read_config(name), read_config(f'{name}_imagenet')
    assert short.filename == whole.filename
    assert short.load_from.startswith('public://')


def test_a_name_to_be_trained_has_public_weights_unless_given(monkeypatch):
    loaded, load = [], 'mmscm.apis.inferencer.load_weights'
    monkeypatch.setattr(load, lambda model, path: loaded.append(path))
    mmscm.LocalizationInferencer('cam_resnet50_imagenet', cam_thr=0.2)
    assert loaded == ['public://torchvision/resnet50']


def test_pretrained_weights_are_not_fetched_to_be_overwritten(monkeypatch):
    import timm

    seen = {}

    def create_model(*args, **kwargs):
        seen.update(kwargs)
        raise InterruptedError

    monkeypatch.setattr(timm, 'create_model', create_model)
    with pytest.raises(InterruptedError):
        mmscm.get_model('scm_dinov2-s-reg_cub')
    assert seen['pretrained'] is False


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(ValueError, match=r"mean 'scm_deit-s_cub'"):
        mmscm.get_model('scm_deits_cub')
    with pytest.raises(FileNotFoundError, match=r'missing\.py'):
        mmscm.get_model('missing.py')


def test_weights_bring_classes_and_thresholds(tmp_path):
    model = mmscm.get_model(*tiny_files(tmp_path))
    assert model._dataset_meta['classes'] == CLASSES
    assert thresholds_of(model).cam_thrs == {'wsol/gt_known': 0.4}


def test_weights_that_do_not_fill_the_model_are_refused(tmp_path):
    config, weights = tiny_files(tmp_path)
    checkpoint = torch.load(weights)
    del checkpoint['state_dict']['head.conv.bias']
    torch.save(checkpoint, weights)
    with pytest.raises(ValueError, match=r'head\.conv\.bias'):
        mmscm.get_model(config, weights)


def test_import_of_the_package_is_light_and_leaves_mmengine_alone():
    subprocess.run([sys.executable, '-c', LIGHT], check=True)


@pytest.mark.slow
def test_parts_of_the_package_leave_mmengine_alone():
    subprocess.run([sys.executable, '-c', PARTS], check=True)


def test_unknown_attributes_are_errors():
    with pytest.raises(AttributeError, match='no attribute'):
        mmscm.unknown  # noqa: B018
