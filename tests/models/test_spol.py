"""SPOL: fused maps, their teacher, and the segmentation of their masks."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from small_models import build, samples
from tiny_model import tiny_cam
from torch.testing import assert_close

from mmscm import LocalizationInferencer, get_model
from mmscm.models import MFFHead, PseudoMaskHead
from mmscm.models.heads.mff_head import MultiplicativeFusion

WIDTHS = 4, 6, 8
BACKBONE = dict(type='ResNet', depth=18, out_indices=(1, 2, 3))
STAGES = dict(in_channels=(128, 256, 512))
MAPS = dict(type='mmscm.MFFHead', **STAGES)
MASKS = dict(type='mmscm.PseudoMaskHead', **STAGES)
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1))


def pyramid(batch=3):
    torch.manual_seed(0)
    sides = zip(WIDTHS, (8, 4, 2), strict=True)
    return tuple(
        torch.randn(batch, width, side, side, dtype=torch.float64)
        for width, side in sides
    )


def with_masks(*labels, value=1):
    found = samples(*labels)
    for sample in found:
        sample.set_field(torch.full((64, 64), value).byte(), 'pseudo_mask')
    return found


def written_out(fusion, maps):
    """The fusion again, one operation after the other."""
    gates = []
    for block, each in zip(fusion.squeeze, maps, strict=True):
        conv, norm, _ = block
        mean = each.mean(3).mean(2)[:, :, None, None]
        gates.append(norm(conv(mean)).clamp(min=0))
    gist = gates[0] * gates[1] * gates[2]
    levels = []
    for index, each in enumerate(maps):
        conv, norm, _ = fusion.reduce[index]
        gated = each / (1 + torch.exp(-fusion.gates[index](gist)))
        level = norm(conv(gated)).clamp(min=0)
        levels.append(F.interpolate(level, (8, 8), None, 'bilinear', True))
    return levels[0] * levels[1] * levels[2], levels[2]


def test_fused_features_are_the_formula():
    fusion = MultiplicativeFusion(WIDTHS).double().eval()
    expected = written_out(fusion, pyramid())
    assert_close(fusion(pyramid()), expected, rtol=1e-9, atol=1e-12)
    assert expected[0].shape == (3, 128, 8, 8)


def test_where_one_stage_sees_nothing_the_map_is_its_bias():
    head = MFFHead(2, WIDTHS).double().eval()
    norm = head.fusion.reduce[2][1]
    norm.bias.data.fill_(-1e3)
    bias = head.conv.bias.relu()[:, None, None].expand(3, 2, 8, 8)
    assert_close(head.project(pyramid()), bias)


def test_the_deep_map_learns_labels_and_teaches_the_fused_one():
    head = MFFHead(2, WIDTHS, deep_teacher=True, dropout=0).double()
    tokens = pyramid()
    semantic = head.project(tokens)
    (deepest,) = head._deepest
    losses = head.loss((semantic, tokens), samples(0, 1, 1))
    deep = head.conv(deepest).relu().mean((-2, -1))
    taught = F.cross_entropy(deep, torch.tensor([0, 1, 1])) / 2
    assert_close(losses['loss_deep'], taught)
    targets = deep.softmax(1).detach()  # the teacher learns nothing of it
    soft = targets * semantic.mean((-2, -1)).log_softmax(1)
    expected = -soft.sum(1).mean() / 2
    assert_close(losses['loss_fused'], expected)
    assert 'loss' not in losses
    found, known = (
        torch.autograd.grad(loss, head.conv.weight, retain_graph=True)
        for loss in (losses['loss_fused'], expected)
    )
    assert_close(found, known)


@pytest.mark.parametrize('deep_teacher', [False, True])
def test_a_step_has_a_finite_loss_and_reaches_all_weights(deep_teacher):
    model = build(BACKBONE, MAPS | dict(deep_teacher=deep_teacher)).train()
    loss, _ = model.parse_losses(model.loss(IMAGES, samples(1, 3)))
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    assert not model.head._deepest  # nothing keeps the graph


def test_pixels_that_are_ignored_count_as_zero():
    head = PseudoMaskHead(2, WIDTHS).double().eval()
    tokens = pyramid(1)
    logits = head.project(tokens)
    (sample,) = samples(0)
    mask = torch.full((8, 8), 255).byte()
    mask[0, 0], mask[0, 1] = 1, 0
    sample.set_field(mask.numpy(), 'pseudo_mask')
    inside, outside = logits[0, 0, 0, :2].sigmoid()
    expected = -(inside.log() + (1 - outside).log()) / 64
    losses = head.loss((logits, tokens), [sample])
    assert_close(losses['loss_mask'], expected)


def test_masks_train_all_but_the_classifier_which_labels_train():
    model = build(BACKBONE, MASKS).train()
    for term, kind in (('loss_mask', False), ('loss_cls', True)):
        model.zero_grad()
        model.loss(IMAGES, with_masks(1, 3))[term].backward()
        for name, parameter in model.named_parameters():
            trained = parameter.grad is not None
            assert trained == (name.startswith('head.fc.') == kind), name


def test_the_map_is_the_probability_for_every_class():
    head = PseudoMaskHead(3, WIDTHS)
    logits = torch.tensor([[[[0.0, -100.0]]]])
    (maps,) = head.class_maps(None, logits, [torch.tensor([2, 0])])
    assert_close(maps, torch.tensor([[[0.5, 0.0]]] * 2))


def test_samples_without_masks_and_mixed_images_are_refused():
    with pytest.raises(ValueError, match='LoadPseudoMask'):
        build(BACKBONE, MASKS).eval().loss(IMAGES, samples(1, 3))
    augments = dict(augments=dict(type='Mixup', alpha=1.0))
    with pytest.raises(ValueError, match='PseudoMaskHead'):
        build(BACKBONE, MASKS, train_cfg=augments)


@pytest.mark.parametrize('head', [MAPS, MASKS])
def test_a_backbone_of_one_stage_is_refused(head):
    model = build(dict(BACKBONE, out_indices=(3,)), head)
    with pytest.raises(ValueError, match='`out_indices` of maps'):
        model.predict(IMAGES)


@pytest.mark.parametrize('head', [MAPS, MASKS])
def test_the_inferencer_takes_both_stages(head):
    config = tiny_cam()
    config.model.backbone.out_indices = (1, 2, 3)
    config.model.head = dict(head, num_classes=3, in_channels=(32, 64, 128))
    localize = LocalizationInferencer(get_model(config), device='cpu')
    image = IMAGES[0].movedim(0, 2).mul(50).add(128).byte().numpy()
    results = localize([image, image], progress=False)
    for first, second in pairwise(results):
        assert first['bboxes'].tolist() == second['bboxes'].tolist()
