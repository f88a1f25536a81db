"""Every leaf config builds, fits together and runs one forward pass."""

import ast
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.optim import build_optim_wrapper
from mmpretrain.structures import DataSample

from mmscm.apis.config_types import check_types
from mmscm.registry import DATASETS, METRICS, MODELS

ROOT = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob('*.py')
    if '_base_' not in path.parts
)
SPLITS = ('train', 'val', 'test')


@pytest.fixture(params=LEAVES)
def cfg(request):
    return Config.fromfile(ROOT / request.param)


def test_model_trains_and_localizes_one_image(cfg):
    model = build_model(cfg)
    image = torch.randn(1, 3, *input_size(cfg))
    model.eval()  # drop path would make the loss random
    losses = model.loss(image, [DataSample().set_gt_label(0)])
    assert losses['loss'].isfinite()
    with torch.no_grad():
        (sample,) = model.predict(image, [DataSample().set_gt_label(0)])
    assert len(sample.pred_score) == cfg.data_preprocessor.num_classes
    assert sample.localization_maps.isfinite().all()
    assert model.with_neck == ('neck' in cfg.model)


def input_size(cfg):
    """Height and width that the test pipeline gives."""
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type.endswith('Resize'):
            return step.scale[::-1]
    return 112, 112  # ToyObjects are drawn at the size of the input


def build_model(cfg):
    """The model without its pretrained weights, as nothing is loaded here."""
    model = cfg.model.copy()
    model.backbone.pop('init_cfg', None)
    if 'pretrained' in model.backbone:
        model.backbone.pretrained = False
    model.data_preprocessor = cfg.data_preprocessor
    return MODELS.build(model)


def test_data_metrics_and_schedule_are_known(cfg):
    check_types(cfg)
    for split in SPLITS:
        dataset = cfg[f'{split}_dataloader'].dataset
        assert DATASETS.get(dataset.type) is not None
        assert len(Compose(dataset.pipeline).transforms) > 0
    for metric in [*cfg.val_evaluator, *cfg.test_evaluator]:
        assert METRICS.build(metric).prefix == 'wsol'
    best = cfg.default_hooks.checkpoint.save_best
    assert best in ('wsol/gt_known', 'wsol/gt_known_scm')
    wrapper = build_optim_wrapper(torch.nn.Linear(2, 2), cfg.optim_wrapper)
    assert wrapper.optimizer.defaults['lr'] == cfg.optim_wrapper.optimizer.lr


def test_best_checkpoint_is_chosen_off_the_test_set_by_default(cfg):
    if cfg.get('select_on') == 'test':
        pytest.skip('reproduces the choice of the released code')
    assert cfg.select_on == 'val'
    val, test = (cfg[f'{split}_dataloader'].dataset for split in SPLITS[1:])
    assert val != test


@pytest.mark.parametrize('leaf', LEAVES)
def test_a_leaf_is_short_and_says_what_it_is(leaf):
    text = (ROOT / leaf).read_text()
    if leaf != 'scm/deit-s_cub_released.py':  # it lists every setting
        assert len(text.splitlines()) <= 25
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize('folder', ['scm', 'tscam'])
def test_metafile_and_readme_name_existing_configs(folder):
    metafile = (ROOT / folder / 'metafile.yml').read_text()
    for line in metafile.splitlines():
        if 'Config:' in line:
            assert (ROOT.parent / line.split('Config:')[1].strip()).is_file()
    readme = (ROOT / folder / 'README.md').read_text()
    assert '](deit-s_cub.py)' in readme


def test_tscam_differs_from_scm_by_the_neck_only():
    pairs = [
        (leaf, ROOT / 'scm' / leaf.name) for leaf in ROOT.glob('tscam/*.py')
    ]
    pairs.append((ROOT / 'evidence/start.py', ROOT / 'evidence/start_scm.py'))
    for pair in pairs:
        plain, scm = map(Config.fromfile, pair)
        assert scm.model.pop('neck').type == 'mmscm.SCM'
        assert plain.to_dict() == scm.to_dict()
