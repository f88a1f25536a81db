"""A test run refuses a checkpoint that leaves weights unset."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from tiny_runner import TinyModel

from mmscm.engine.hooks import RequireWeightsHook


def check(model, weights):
    runner = SimpleNamespace(model=model)
    return RequireWeightsHook().after_load_checkpoint(runner, weights)


def test_complete_checkpoints_pass_with_and_without_prefix():
    model = TinyModel()
    weights = model.state_dict()
    assert check(model, {'state_dict': weights}) is None
    prefixed = {f'module.{name}': w for name, w in weights.items()}
    assert check(model, prefixed) is None


def test_weights_beyond_the_model_pass():
    model = TinyModel()
    beyond = {**model.state_dict(), 'neck.beta': torch.ones(())}
    assert check(model, beyond) is None


def test_missing_weights_are_listed():
    weights = TinyModel().state_dict()
    del weights['linear.bias']
    with pytest.raises(ValueError, match=r'linear.bias \(2,\)'):
        check(TinyModel(), {'state_dict': weights})


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match=r'2 are missing .*\(2, 4\)'):
        check(TinyModel(), TinyModel(classes=3).state_dict())


def test_position_embeddings_may_be_resized():
    model = TinyModel()
    model.pos_embed = torch.nn.Parameter(torch.zeros(1, 4, 2))
    weights = {**model.state_dict(), 'pos_embed': torch.zeros(1, 9, 2)}
    assert check(model, weights) is None
