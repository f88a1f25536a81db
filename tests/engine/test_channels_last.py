"""ChannelsLastHook."""

from types import SimpleNamespace

import torch
from torch import nn

from mmscm.engine.hooks import ChannelsLastHook


def test_layout_changes_and_values_do_not():
    model = nn.Conv2d(3, 4, 3)
    before = model.weight.clone()
    ChannelsLastHook().before_run(SimpleNamespace(model=model))
    assert model.weight.is_contiguous(memory_format=torch.channels_last)
    assert model.weight.equal(before)
