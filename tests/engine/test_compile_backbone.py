"""A compiled backbone trains as the plain one does."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.engine import CompileBackboneHook
from mmscm.engine.hooks.compile_backbone import MIN_TORCH
from mmscm.registry import MODELS

pytestmark = pytest.mark.skipif(
    torch.__version__ < MIN_TORCH, reason='compiling is refused'
)

# one layer, so that tracing takes seconds
ARCH = dict(embed_dims=12, num_layers=1, num_heads=3, feedforward_channels=24)


@pytest.fixture
def model():
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='mmscm.WSOLClassifier',
            backbone=dict(
                type='mmscm.AttentionViT',
                arch=ARCH,
                img_size=32,
                patch_size=8,
            ),
            neck=dict(type='mmscm.SCM', num_blocks=1, num_iters=1),
            head=dict(
                type='mmscm.SemanticHead', num_classes=3, in_channels=12
            ),
        )
    )


def optimized(model):
    """One step with ``paramwise_cfg``: the loss before it."""
    wrapper = build_optim_wrapper(
        model,
        dict(
            optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
            paramwise_cfg=dict(norm_decay_mult=0.0),
        ),
    )
    torch.manual_seed(1)
    images = torch.randn(2, 3, 32, 32)
    samples = [DataSample().set_gt_label(label) for label in (0, 2)]
    loss = model.loss(images, samples)['loss']
    wrapper.update_params(loss)
    return loss.detach()


@pytest.mark.slow
def test_compiled_backbone_trains_as_the_plain_one(model):
    plain = deepcopy(model)
    # the first half of a compilation; the second needs a compiler
    hook = CompileBackboneHook(backend='aot_eager', fullgraph=True)
    hook.before_train(SimpleNamespace(model=model))
    for _ in range(2):
        assert_close(optimized(model), optimized(plain))
    assert_close(model.state_dict(), plain.state_dict())


def test_names_of_weights_stay(model):
    names = set(model.state_dict())
    CompileBackboneHook().before_train(SimpleNamespace(model=model))
    assert set(model.state_dict()) == names
    assert set(deepcopy(model).state_dict()) == names
