"""Every leaf config builds, fits together and runs one forward pass."""

import ast
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.optim import build_optim_wrapper
from mmpretrain.structures import DataSample
from unfilled import unfilled

from mmscm.registry import DATASETS, METRICS, MODELS

ROOT = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob('*.py')
    if '_base_' not in path.parts
)
BEST = {'wsol/gt_known', 'wsol/gt_known_scm', 'wsol/px_ap', 'wsol/top1_cls'}
SPLITS = ('train', 'val', 'test')
# CutMix changes the batch only
CNN_METHODS = 'has adl acol spg eil bgc bas da-wsol c2am spol spa i2c gc-net'
CNN_METHODS = CNN_METHODS.split()
# every kind of model, and what is set at test only
RUNNING = """
attention/deit-t_imagenet.py ddt/efficientnet-lite0_imagenette.py
cam/efficientnet-lite0_imagenet_pc1.py cam/inception-v3_cub.py
cam/resnet50_cub.py cam/vgg16_cub.py lctr/vit-micro_toy.py lost/deit-t_toy.py
psol/deit-t_imagenette.py psol/resnet-micro_toy.py sat/vit-micro_toy.py
scm/ablations/deit-s_cub_maps-4-4.py scm/clip-b_cub.py
scm/conformer-s_cub_released.py scm/deit3-s_cub.py scm/dinov2-s-reg_cub.py
scm/vit-micro_toy.py scm/vit-s_cub.py spol/resnet-micro_toy_masks.py
spol/efficientnet-lite0_imagenette_masks.py tokencut/deit-t_imagenet.py
trilite/deit-t_toy.py tscam/deit-t_cub.py tscam/vit-micro_imagenette.py
has/scm-vit-micro_toy.py
"""
RUNNING = RUNNING.split()
for method in CNN_METHODS:
    RUNNING.append(f'{method}/resnet-micro_toy.py')
    RUNNING.append(f'{method}/efficientnet-lite0_imagenette.py')
SIDE = 112  # pixels; whole patches of 8, 14 and 16


parse = cache(Config._file2dict)


@cache
def read(leaf):
    """Parse the files that many leaves inherit from once."""

    def copy(*names, **arguments):
        return deepcopy(parse(*names, **arguments))

    with mock.patch.object(Config, '_file2dict', copy):
        return Config.fromfile(ROOT / leaf)


def load(leaf):
    """A copy: what is built from a config may write into it."""
    return deepcopy(read(leaf))


@pytest.mark.parametrize('leaf', RUNNING)
def test_model_trains_if_it_can_and_localizes_one_image(leaf):
    cfg = load(leaf)
    kinds = 'mmscm.AttentionTIMM', 'mmscm.FrozenTokens'
    timm = cfg.model.backbone.type in kinds
    model = build_model(cfg, **(dict(depth=3) if timm else {}))
    image = torch.randn(1, 3, SIDE, SIDE)
    model.eval()  # drop path would make the loss random
    if 'optim_wrapper' in cfg:
        sample = DataSample(pseudo_bboxes=torch.ones(1, 4)).set_gt_label(0)
        sample.set_field(torch.zeros(SIDE, SIDE), 'pseudo_mask')
        losses = model.loss(image.expand(2, -1, -1, -1), [sample] * 2)
        assert model.parse_losses(losses)[0].isfinite()
    if hasattr(model, 'fit'):
        model.fit(0, [dict(inputs=image)])
    with torch.no_grad():
        (sample,) = model.predict(image, [DataSample().set_gt_label(0)])
    assert sample.localization_maps.isfinite().all()
    if model.with_head:
        assert len(sample.pred_score) == cfg.data_preprocessor.num_classes


@pytest.mark.parametrize('leaf', LEAVES)
def test_a_leaf_fits_together(leaf):
    cfg = load(leaf)
    check_model(cfg)
    check_data_and_schedule(cfg)
    # thresholds are stored as those of the set that they are chosen on
    val, test = (cfg[f'{split}_dataloader'].dataset for split in SPLITS[1:])
    chosen_on_test = cfg.default_hooks.store_thresholds.split == 'test'
    assert chosen_on_test == (val == test)


def check_model(cfg):
    """It is built for images and classes of its data."""
    with unfilled():
        model = build_model(cfg)
    assert model.with_neck == ('neck' in cfg.model)
    if model.with_head:
        classes = cfg.data_preprocessor.num_classes
        assert model.head.num_classes == classes
    whole = getattr(model.backbone, 'patch_size', (1, 1))
    padded = cfg.data_preprocessor.get('pad_size_divisor', 1)
    if padded == 1:
        sides = zip(input_size(cfg), whole, strict=True)
        assert all(side % step == 0 for side, step in sides)
    else:
        assert whole == (padded, padded)


def input_size(cfg):
    """Height and width that the test pipeline gives."""
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type.endswith('Resize'):
            return step.scale[::-1]
    return SIDE, SIDE  # ToyObjects are drawn at the size of the input


def build_model(cfg, **backbone):
    """The model without its pretrained weights, as nothing is loaded here."""
    model = deepcopy(cfg.model)
    model.backbone.update(backbone)
    model.backbone.pop('init_cfg', None)
    if 'pretrained' in model.backbone:
        model.backbone.pretrained = False
    model.data_preprocessor = cfg.data_preprocessor
    return MODELS.build(model)


def check_data_and_schedule(cfg):
    for split in SPLITS:
        dataset = cfg[f'{split}_dataloader'].dataset
        assert DATASETS.get(dataset.type) is not None
        assert len(Compose(dataset.pipeline).transforms) > 0
    for metric in [*cfg.val_evaluator, *cfg.test_evaluator]:
        assert METRICS.build(metric).prefix == 'wsol'
    if 'optim_wrapper' not in cfg:
        assert cfg.load_from  # public weights, nothing to train
        return
    best = cfg.default_hooks.checkpoint.save_best
    assert ({best} if isinstance(best, str) else {*best}) <= BEST
    kinds = {metric.type for metric in cfg.val_evaluator}
    # a training without boxes has no GT-Known
    assert (kinds == {'mmscm.PxAP'}) == (best == 'wsol/px_ap')
    wrapper = build_optim_wrapper(torch.nn.Linear(2, 2), cfg.optim_wrapper)
    assert wrapper.optimizer.defaults['lr'] == cfg.optim_wrapper.optimizer.lr


def test_only_two_configs_choose_on_the_test_set():
    texts = {leaf: (ROOT / leaf).read_text() for leaf in LEAVES}
    assert [leaf for leaf in LEAVES if "split='test'" in texts[leaf]] == [
        'scm/deit-s_cub_released.py',
        'scm/deit-s_cub_select-on-test.py',
    ]


def test_leaves_are_short_say_what_they_are_and_inherit_three_deep_at_most():
    for leaf in LEAVES:
        text = (ROOT / leaf).read_text()
        if leaf != 'scm/deit-s_cub_released.py':  # it lists every setting
            assert len(text.splitlines()) <= 25, leaf
        assert ast.get_docstring(ast.parse(text)), leaf
        assert depth(ROOT / leaf) <= 3, leaf


def depth(path):
    """Longest chain of files that a config inherits from."""
    statements = ast.parse(path.read_text()).body
    assigned = {
        ast.unparse(node.targets[0]): node.value
        for node in statements
        if isinstance(node, ast.Assign)
    }
    bases = ast.literal_eval(assigned.get('_base_', ast.List([])))
    bases = [bases] if isinstance(bases, str) else bases
    return max((1 + depth(path.parent / base) for base in bases), default=0)


def test_metafiles_and_readmes_name_existing_configs():
    for metafile in ROOT.glob('*/metafile.yml'):
        for line in metafile.read_text().splitlines():
            if 'Config:' in line:
                config = ROOT.parent / line.split('Config:')[1].strip()
                assert config.is_file(), config
        readme = metafile.with_name('README.md').read_text()
        links = re.findall(r'\]\(([\w-]+\.py)\)', readme)
        assert links, metafile
        for link in links:
            assert metafile.with_name(link).is_file(), link


def test_tscam_differs_from_scm_by_the_neck_only():
    leaves = ROOT.glob('tscam/*.py')
    pairs = [(leaf, ROOT / 'scm' / leaf.name) for leaf in leaves]
    pairs.append((ROOT / 'evidence/start.py', ROOT / 'evidence/start_scm.py'))
    for pair in pairs:
        plain, scm = (load(path.relative_to(ROOT).as_posix()) for path in pair)
        assert 'neck' not in plain.model
        with_neck = scm.to_dict()
        assert with_neck['model'].pop('neck')['type'] == 'mmscm.SCM'
        assert plain.to_dict() == with_neck
