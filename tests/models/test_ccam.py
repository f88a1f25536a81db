"""C2AM: its head against the released one, and which side is the object."""

import pytest
import torch
from method_vectors import vectors
from small_models import RESNET, build, samples
from tiny_model import tiny_cam
from torch.testing import assert_close

from mmscm import LocalizationInferencer, get_model
from mmscm.models import CCAMHead
from mmscm.models.heads.ccam_head import alike, share_at_border

EXACT = dict(rtol=1e-9, atol=1e-12)
NAMES = {
    'conv.weight': 'activation_head.weight',
    'norm.weight': 'bn_head.weight',
    'norm.bias': 'bn_head.bias',
}
PARTS = 'loss_background', 'loss_apart', 'loss_object'
BACKBONE = dict(RESNET, out_indices=(2, 3))
HEAD = dict(type='mmscm.CCAMHead', in_channels=(64, 128), alpha=0.05)
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1))


def released_head(known, alpha):
    head = CCAMHead(3, (5, 7), alpha).double()
    for own, name in NAMES.items():
        head.get_parameter(own).data.copy_(known[f'w:{name}'])
    return head


@pytest.mark.parametrize('alpha', [0.05, 0.75])
def test_maps_losses_and_gradients_are_the_released_ones(alpha):
    known = vectors('ccam_A')
    head = released_head(known, alpha)
    feature = known['feature'].requires_grad_()
    tokens = feature.split((5, 7), 1)
    inside = head.project(tokens)
    assert_close(inside, known['map_train'], **EXACT)
    losses = head.loss((inside, tokens), samples(0, 1, 2, 0))
    found = torch.stack([losses[name] for name in PARTS])
    expected = known[f'losses_bgbg_bgfg_fgfg_alpha{alpha}']
    assert_close(found, expected, **EXACT)
    found.sum().backward()
    assert_close(feature.grad, known[f'grad_feature_alpha{alpha}'], **EXACT)
    for own, name in NAMES.items():
        gradient = head.get_parameter(own).grad
        assert_close(gradient, known[f'g{alpha}:{name}'], **EXACT)


def test_the_map_at_test_is_the_released_one():
    known = vectors('ccam_A')
    head = released_head(known, 0.05).eval()
    for name in ('running_mean', 'running_var'):
        getattr(head.norm, name).copy_(known[f'w:bn_head.{name}'])
    maps = head.all_maps(head.project(known['feature'].split((5, 7), 1)))
    assert_close(maps, known['map_test'].expand(-1, 3, -1, -1), **EXACT)


def test_equal_images_are_alike_and_opposite_ones_are_not():
    same = torch.ones(3, 4)
    assert alike(same, 0.0) == pytest.approx(5e-4, rel=1e-3)
    opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    # both images with themselves and with the other one
    expected = -0.5 * torch.tensor([0.9995, 0.0005]).log().sum()
    assert_close(alike(opposite, 0.0), expected)


def test_the_object_is_what_leaves_the_border_out():
    head = CCAMHead(2, (4,), 0.05)
    inside = torch.zeros(1, 1, 4, 4)
    inside[..., 1:3, 1:3] = 0.9
    assert share_at_border(inside) == 0
    assert share_at_border(1 - inside) == 1
    assert_close(head.all_maps(inside)[:, :1], inside)
    tokens = torch.ones(1, 4, 4, 4)
    head.loss((1 - inside, tokens), samples(0))
    assert_close(head.all_maps(1 - inside)[:, 1:], inside)


def test_classes_and_images_without_content_leave_the_map_finite():
    model = build(BACKBONE, HEAD).train()
    for images in (IMAGES, torch.zeros_like(IMAGES)):
        losses = model.loss(images, samples(1, 3))
        loss, _ = model.parse_losses(losses)
        loss.backward()
        assert loss.isfinite()
        assert all(p.grad.isfinite().all() for p in model.parameters())


def test_the_label_teaches_the_classifier_only():
    model = build(BACKBONE, HEAD).train()
    model.loss(IMAGES, samples(1, 3))['loss_cls'].backward()
    trained = {n for n, p in model.named_parameters() if p.grad is not None}
    assert trained == {'head.fc.weight', 'head.fc.bias'}


def test_stages_of_other_widths_are_refused():
    with pytest.raises(ValueError, match=r'`head.in_channels` = \(64, 128\)'):
        build(dict(BACKBONE, out_indices=(3,)), HEAD).loss(IMAGES, samples(1))


def test_the_inferencer_boxes_the_same_map_for_every_class():
    config = tiny_cam()
    config.model.backbone.out_indices = (2, 3)
    config.model.head = dict(HEAD, num_classes=3)
    localize = LocalizationInferencer(get_model(config), device='cpu')
    image = IMAGES[0].movedim(0, 2).mul(50).add(128).byte().numpy()
    first, last = (
        localize(image, target=target, progress=False)[0] for target in (0, 2)
    )
    assert first['bboxes'].tolist() == last['bboxes'].tolist()
    assert first['score'] != last['score']
