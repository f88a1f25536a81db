"""SAT's backbone and its terms, against the released network."""

import pytest
import torch
from method_vectors import probe, released_weights, to_input, vectors
from small_models import build, samples, vit_arch
from torch.testing import assert_close
from weight_names import VIT, VIT_HEAD, rename

from mmscm.models.regularizers.area_constraint import gaussian_kernel

RULES = VIT | VIT_HEAD | {'loc_token': 'backbone.spatial_token'}
RULES |= {'loc_embed': 'backbone.spatial_pos_embed'}
EXACT = dict(rtol=1e-9, atol=1e-9)


def tiny_sat(area=0.25):
    """The network of the vectors, 48 wide, with their weights."""
    arch = vit_arch(48, 12, 3, 96)
    return build(
        dict(type='mmscm.AttentionSAT', arch=arch, img_size=224),
        dict(type='mmscm.SemanticHead', in_channels=48),
        localize_with='attention',
        regularizers=[dict(type='mmscm.AreaConstraint', area=area)],
    ).double()


def load_released(model, known):
    """Weights by the released names; returns name -> parameter."""
    parameters = dict(model.named_parameters())
    named = {}
    for name, value in released_weights(known).items():
        if name != 'weight':  # the fixed kernel
            named[name] = parameters.pop(rename(name, RULES))
            named[name].data.copy_(value)
    assert not parameters
    return named


@pytest.mark.parametrize('area', [0.25, 0.35])
def test_loss_and_gradients_are_the_released_ones(area):
    known = vectors('sat_A')
    model = tiny_sat(area).train()
    parameters = load_released(model, known)
    losses = model.loss(to_input(known['images']), samples(*known['labels']))
    loss = sum(value for key, value in losses.items() if 'loss' in key)
    assert_close(loss, known[f'loss_area{area}'], **EXACT)
    loss.backward()
    probes = known[f'grad_probes_area{area}'][:, :3]
    for name, expected in zip(known['grad_names'], probes, strict=True):
        if name in parameters:
            found = probe(str(name), parameters[name].grad)
            assert_close(found / expected[1], expected / expected[1], **EXACT)


def test_logits_and_map_at_test_are_the_released_ones():
    known = vectors('sat_A')
    model = tiny_sat().eval()
    load_released(model, known)
    with torch.no_grad():
        images = to_input(known['images'])
        _, gates = model.backbone(images)
        assert_close(model(images), known['test_logits'], **EXACT)
    assert_close(gates, known['map'], **EXACT)


def test_the_map_follows_the_size_of_the_image():
    model = tiny_sat().eval()
    _, gates = model.backbone(torch.zeros(1, 3, 96, 160).double())
    assert gates.shape == (1, 6, 10)


def test_the_kernel_is_the_released_one():
    assert_close(gaussian_kernel(), vectors('sat_A')['kernel'], **EXACT)


def test_an_area_beyond_the_image_is_refused():
    with pytest.raises(ValueError, match='`area` in'):
        tiny_sat(area=25)
