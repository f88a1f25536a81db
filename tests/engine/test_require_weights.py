"""A test or resumed run refuses a checkpoint that leaves weights unset."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
import torch
from mmengine.runner import BaseLoop
from tiny_runner import TinyModel

from mmscm.engine.hooks import RequireWeightsHook
from mmscm.engine.hooks.require_weights import require_weights as check


def test_complete_checkpoints_pass():
    model = TinyModel()
    weights = model.state_dict()
    check(model, weights)
    check(model, {**weights, 'neck.beta': torch.ones(())})


@pytest.mark.parametrize(
    ('train_loop', 'resume', 'strict'),
    [
        ({}, False, True),  # a test
        (MagicMock(spec=BaseLoop), True, True),
        (MagicMock(spec=BaseLoop), False, False),  # a training starts
    ],
)
def test_a_training_may_start_with_a_new_head(train_loop, resume, strict):
    runner = MagicMock(
        model=TinyModel(), _train_loop=train_loop, _resume=resume
    )
    weights = TinyModel(classes=3).state_dict()
    load = RequireWeightsHook().after_load_checkpoint
    if strict:
        with pytest.raises(ValueError, match='2 are missing'):
            load(runner, weights)
    else:
        load(runner, weights)


def test_missing_weights_are_listed():
    weights = TinyModel().state_dict()
    del weights['linear.bias']
    with pytest.raises(ValueError, match=r'linear.bias \(2,\)'):
        check(TinyModel(), weights)


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match=r'2 are missing .*\(2, 4\)'):
        check(TinyModel(), TinyModel(classes=3).state_dict())


def test_position_embeddings_may_be_resized():
    model = TinyModel()
    model.pos_embed = torch.nn.Parameter(torch.zeros(1, 4, 2))
    weights = {**model.state_dict(), 'pos_embed': torch.zeros(1, 9, 2)}
    check(model, weights)
