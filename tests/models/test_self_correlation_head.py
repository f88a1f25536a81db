"""SPA's two parts."""

from types import SimpleNamespace

import pytest
import torch
from small_models import RESNET, WIDTH, build, samples
from torch.testing import assert_close

from mmscm.models import ActivationConstraint

IMAGES = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1))
HEAD = dict(type='mmscm.SelfCorrelationHead', in_channels=WIDTH)
HEAD |= dict(after=('layer3.0', 'layer4'))


def test_constraint_is_that_of_a_loop_over_patches(monkeypatch):
    monkeypatch.setattr(ActivationConstraint, 'epoch', 20)
    torch.manual_seed(0)
    semantic = 3 * torch.randn(2, 5, 3, 4, dtype=torch.float64)
    labels = torch.tensor([1, 4])
    part = ActivationConstraint(0.1, 0.2, warm_up=20, weight=0.5)
    term = part(SimpleNamespace(semantic=semantic, labels=labels))
    wrong = []
    for maps, label in zip(semantic, labels, strict=True):
        patches = maps.flatten(1).mT
        shares = [patch.exp() / patch.exp().sum() for patch in patches]
        spread = [((p - 0.2) ** 2).sum() / 4 for p in shares]  # unbiased
        low, high = min(spread), max(spread)
        for patch, value in zip(patches, spread, strict=True):
            part_of_range = (value - low) / (high - low)
            score = 1 / (1 + torch.exp(-patch[label]))
            if part_of_range < 0.1:
                wrong.append(score)
            elif part_of_range > 0.3:
                wrong.append(1 - score)
    assert 0 < len(wrong) < 24
    assert_close(term['loss_activation'], 0.5 * sum(wrong) / 24)


def test_constraint_begins_after_the_warm_up(monkeypatch):
    part = ActivationConstraint(0.1, 0.2, warm_up=20)
    monkeypatch.setattr(ActivationConstraint, 'epoch', 19)
    assert part(None) == {}


@torch.no_grad()
def test_only_the_maps_differ_from_those_of_cam():
    model = build(RESNET, HEAD).eval()
    plain = build(RESNET, dict(in_channels=WIDTH)).eval()
    plain.load_state_dict(model.state_dict())
    for sample, other in zip(
        model.predict(IMAGES), plain.predict(IMAGES), strict=True
    ):
        assert_close(sample.pred_score, other.pred_score)
        maps = sample.localization_maps
        assert not torch.allclose(maps, other.localization_maps)
        assert ((maps >= 0) & (maps <= 1)).all()


def test_layers_of_another_size_are_refused():
    model = build(RESNET, dict(HEAD, after=('layer2', 'layer4'))).eval()
    with pytest.raises(ValueError, match=r"\(4, 4\).*\(8, 8\) of 'layer2'"):
        model.predict(IMAGES, samples(3, 4))


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(HEAD, background_thr=0.2), '`background_thr` < `object_thr`'),
        (dict(HEAD, after=('layer9',)), "got 'layer9'"),
    ],
)
def test_a_head_that_cannot_work_is_refused_when_built(settings, message):
    with pytest.raises(ValueError, match=message):
        build(RESNET, settings)


def test_thresholds_beyond_the_range_are_refused():
    with pytest.raises(ValueError, match=r'0\.5 and 0\.6'):
        ActivationConstraint(0.5, 0.6, warm_up=0)
