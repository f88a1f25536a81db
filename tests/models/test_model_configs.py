"""Every leaf config of this project loads and builds its model."""

from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DefaultScope

from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(
    str(path.relative_to(CONFIGS))
    for folder in ('scm', 'tscam')
    for path in CONFIGS.glob(f'{folder}/**/*.py')
)
# one of each kind of model; the others differ by numbers that need no test
MODELS_BUILT = [
    'scm/deit-t_cub.py',
    'scm/deit3-s_cub.py',
    'scm/vit-s_cub.py',
    'scm/conformer-s_cub_released.py',
    'scm/dinov2-s-reg_cub.py',
    'scm/clip-b_cub.py',
    'scm/deit-s_cub_released.py',
    'scm/ablations/deit-s_cub_no-similarity.py',
    'tscam/conformer-s_imagenet.py',
]


@cache
def config(name):
    return Config.fromfile(CONFIGS / name)


def build(name):
    model = config(name).model
    if 'pretrained' in model.backbone:
        model.backbone.pretrained = False
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        return MODELS.build(model)


@pytest.mark.parametrize('name', LEAVES)
def test_leaf_is_short_and_names_its_data(name):
    lines = (CONFIGS / name).read_text().splitlines()
    assert len(lines) <= (40 if 'released' in name else 25)
    cfg = config(name)
    classes = cfg.model.head.num_classes
    assert classes == cfg.get('data_preprocessor').num_classes
    assert ('neck' in cfg.model) == name.startswith('scm')


@pytest.mark.slow
@pytest.mark.parametrize('name', MODELS_BUILT)
@torch.no_grad()
def test_model_localizes_an_image(name):
    model = build(name)
    model.eval()
    height, width = 224, 112
    (sample,) = model.predict(torch.randn(1, 3, height, width))
    patch = 14 if 'dinov2' in name else 16
    grid = (height // patch, width // patch)
    assert sample.localization_maps.shape == (5, *grid)


@pytest.mark.parametrize('pixels', [384, 448])
def test_larger_images_are_larger_in_every_place(pixels):
    cfg = config(f'scm/deit-s_cub-{pixels}px.py')
    assert cfg.model.backbone.img_size == pixels
    train = cfg.train_dataloader.dataset.pipeline
    assert train[2].crop_size == pixels
    assert train[1].scale[0] == pytest.approx(pixels * 256 / 224, abs=0.5)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.pipeline[1].scale == (pixels, pixels)


def test_released_optimizer_decays_matrices_only():
    cfg = config('scm/deit-s_cub_released.py')
    settings = dict(cfg.model.backbone, arch=TINY, init_cfg=None)
    model = cfg.model.copy()
    model['backbone'] = settings
    model['head'] = dict(cfg.model.head, in_channels=24)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        built = MODELS.build(model)
        optimizer = build_optim_wrapper(built, cfg.optim_wrapper).optimizer
    decay = {g['params'][0]: g['weight_decay'] for g in optimizer.param_groups}
    for name, parameter in built.named_parameters():
        token = name.endswith(('cls_token', 'pos_embed'))
        wanted = 0.05 if parameter.ndim > 1 and not token else 0
        assert decay[parameter] == wanted, name
    assert optimizer.defaults['betas'] == (0.9, 0.999)
    assert [block.num_iters for block in built.neck.blocks] == [16, 4, 4, 4]


TINY = dict(embed_dims=24, num_layers=1, num_heads=3, feedforward_channels=48)
