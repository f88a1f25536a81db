"""What configs say of models, where it is more than one number."""

import pytest
from mmengine.optim import build_optim_wrapper
from small_models import vit_arch
from test_all_configs import load

from mmscm.registry import MODELS


def build(cfg, width, **backbone):
    """A smaller model of a config, and its optimizer."""
    model = dict(
        cfg.model,
        backbone=dict(cfg.model.backbone, init_cfg=None, **backbone),
        head=dict(cfg.model.head, in_channels=width),
    )
    built = MODELS.build(model)
    return built, build_optim_wrapper(built, cfg.optim_wrapper).optimizer


@pytest.mark.parametrize('pixels', [384, 448])
def test_larger_images_are_larger_in_every_place(pixels):
    cfg = load(f'scm/deit-s_cub-{pixels}px.py')
    assert cfg.model.backbone.img_size == pixels
    train = cfg.train_dataloader.dataset.pipeline
    assert train[2].crop_size == pixels
    assert train[1].scale[0] == pytest.approx(pixels * 256 / 224, abs=0.5)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.pipeline[1].scale == (pixels, pixels)


def test_the_last_stage_and_the_head_of_a_cnn_learn_ten_times_faster():
    model, optimizer = build(load('cam/resnet50_cub.py'), 512, depth=18)
    rates = {g['params'][0]: g['lr'] for g in optimizer.param_groups}
    for name, parameter in model.named_parameters():
        fast = name.startswith(('backbone.layer4.', 'head.'))
        assert rates[parameter] == pytest.approx(2e-3 if fast else 2e-4)


def test_released_optimizer_decays_matrices_only():
    cfg = load('scm/deit-s_cub_released.py')
    model, optimizer = build(cfg, 24, arch=vit_arch(24, 1, 3, 48))
    decay = {g['params'][0]: g['weight_decay'] for g in optimizer.param_groups}
    for name, parameter in model.named_parameters():
        token = name.endswith(('cls_token', 'pos_embed'))
        wanted = 0.05 if parameter.ndim > 1 and not token else 0
        assert decay[parameter] == wanted, name
    assert optimizer.defaults['betas'] == (0.9, 0.999)
    assert [block.num_iters for block in model.neck.blocks] == [16, 4, 4, 4]
