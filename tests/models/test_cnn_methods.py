"""HaS, CutMix, ADL, ACoL, SPG, EIL, BGC and BAS, part by part, and more."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small_models
import torch
from cnn_names import HEADS
from method_vectors import vectors
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmpretrain.models.utils.batch_augments import CutMix
from small_models import RESNET, WIDTH, samples
from torch import nn
from torch.testing import assert_close
from weight_names import rename

from mmscm.functional.maps import below_peak
from mmscm.models import (
    ACoLHead,
    AttentionDropout,
    CAMHead,
    HideAndSeek,
    Regularizer,
    SelfProducedGuidance,
)
from mmscm.models.regularizers.feature_alignment import contrast
from mmscm.models.regularizers.self_produced_guidance import (
    guide_masks,
    guided_loss,
)
from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
EXACT = dict(rtol=1e-9, atol=1e-12)
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1))
ALIGNED = dict(type='mmscm.FeatureAlignment', after='layer4.0', warm_up=0)
GUIDED = dict(type='mmscm.SelfProducedGuidance', early='layer3.0', width=8)
GUIDED |= dict(middle='layer3', in_channels=(WIDTH // 2, WIDTH // 2, WIDTH))
TWIN = dict(type='mmscm.ErasedTwin', after='layer3', drop_thr=0.7)
DROPOUT = dict(type='mmscm.AttentionDropout', drop_rate=0.75, drop_thr=0.9)
DROPOUT |= dict(after=('layer3.0', 'layer4'))
HIDING = dict(type='mmscm.HideAndSeek', grid_size=16, drop_rate=0.5)
ACOL = dict(type='mmscm.ACoLHead', erase_thr=0.7, hidden=(8,))
BAS = dict(type='mmscm.BASHead', after='layer3', early_channels=WIDTH // 2)
BAS |= dict(area_weight=1.0, masked_weight=0.5)
DOMAINS = dict(type='mmscm.DomainAlignment', num_samples=3)
DOMAINS |= dict(alignment_weight=0.3, universum_weight=2.0)
CONSTRAINT = dict(type='mmscm.ActivationConstraint', background_thr=0.1)
CONSTRAINT |= dict(gap=0.2, warm_up=20)
CORRELATION = dict(type='mmscm.SelfCorrelationHead', after=('layer4',))


def build(*regularizers, head=None, wide=1, **settings):
    head = dict(head or {}, in_channels=WIDTH * wide)
    backbone = {
        key: value * wide if key.endswith('_channels') else value
        for key, value in RESNET.items()
    }
    return small_models.build(
        backbone, head, regularizers=list(regularizers), **settings
    )


@pytest.mark.parametrize('side', [4, 16, 44])
def test_hidden_cells_are_the_released(side):
    arrays = vectors('has_A')
    part = HideAndSeek(side, float(arrays[f'rate_{side}']))
    part.draw = lambda *size, device: arrays[f'draws_{side}'].view(size)
    model = SimpleNamespace(backbone=nn.Identity())
    part.bind(model)
    images, kept = arrays['images'], arrays[f'kept_{side}'][:, None]
    assert torch.equal(model.backbone(images), images * kept)
    part.eval()
    assert torch.equal(model.backbone(images), images)


@pytest.mark.parametrize(('run', 'draw'), [('importance', 0.2), ('drop', 0.3)])
def test_attention_dropout_is_the_released_layer(run, draw):
    arrays = vectors('adl_layer_A')
    layer = nn.Sequential(nn.Identity())
    part = AttentionDropout(
        ('0',), float(arrays['drop_rate']), float(arrays['drop_thr'])
    )
    part.draw = lambda *size, device: torch.tensor([draw])
    part.bind(SimpleNamespace(backbone=layer))
    feature = arrays['feature'].requires_grad_()
    out = layer(feature)
    out.backward(arrays['upstream'])
    assert_close(out, arrays[run], **EXACT)
    assert_close(feature.grad, arrays[f'grad_{run}'], **EXACT)
    part.eval()
    assert torch.equal(layer(feature), feature)


def test_erasing_of_the_twin_is_the_released():
    arrays = vectors('eil_layer')
    mask = below_peak(arrays['x'], float(arrays['thr']))
    assert_close(arrays['x'] * mask, arrays['out'], **EXACT)


def test_the_twin_of_a_pass_without_erasing_has_the_same_loss():
    model = build(dict(TWIN, drop_thr=1.1)).eval()
    losses = model.loss(IMAGES, samples(3, 4))
    assert_close(losses['loss_twin'], losses['loss'])


def test_the_hosts_cutmix_is_the_released(monkeypatch):
    arrays = vectors('cutmix_A')
    top, left, bottom, right = arrays['box_rows0_cols0_rows1_cols1'].tolist()
    monkeypatch.setattr(np.random, 'beta', lambda a, b: arrays['lam_drawn'])
    monkeypatch.setattr(torch, 'randperm', lambda size: arrays['permutation'])
    mixing = CutMix(alpha=1.0)
    mixing.rand_bbox = lambda *given, **named: (top, bottom, left, right)
    labels = nn.functional.one_hot(arrays['labels'], 5).double()
    mixed, scores = mixing.mix(arrays['images'].clone(), labels)
    assert_close(mixed, arrays['mixed'], rtol=0, atol=0)
    logits = arrays['logits'].requires_grad_()
    loss = CAMHead(5, 8).loss_module(logits, scores)
    loss.backward()
    assert_close(loss, arrays['loss'], **EXACT)
    assert_close(logits.grad, arrays['grad_logits'], **EXACT)


def test_acol_head_is_the_released():
    arrays = vectors('acol_head_A')
    head = ACoLHead(5, 6, float(arrays['erase_thr']), hidden=(8, 8)).double()
    named = dict(head.named_parameters())
    ours = {
        key[2:]: rename(key[2:], HEADS).removeprefix('head.')
        for key in arrays
        if key.startswith('w:')
    }
    weights = {new: arrays[f'w:{old}'] for old, new in ours.items()}
    head.load_state_dict(weights)
    feature, labels = arrays['feature'].requires_grad_(), arrays['labels']
    semantic = head.project(feature)
    assert_close(semantic, arrays['feat_map_a'], **EXACT)
    assert_close(head((semantic, feature)), arrays['logits'], **EXACT)
    losses = head.loss((semantic, feature), samples(*labels))
    loss = losses['loss'] + losses['loss_erased']
    assert_close(loss, arrays['loss'], **EXACT)
    loss.backward()
    assert_close(feature.grad, arrays['grad_feature'], **EXACT)
    for old, new in ours.items():
        assert_close(named[new].grad, arrays[f'g:{old}'], **EXACT)
    images = torch.arange(3)
    predicted = arrays['logits'].argmax(1)
    for chosen, key in (labels, ''), (predicted, 'predicted_'):
        other = head.other_maps(feature, semantic[images, chosen])
        assert_close(other, arrays[f'{key}feat_map_b'], **EXACT)
    maps = head.class_maps(feature, semantic, list(labels[:, None]))
    cams = arrays['cams_all'][images, labels]
    assert_close(torch.cat(maps), cams, **EXACT)


def test_guidance_is_the_released():
    arrays = vectors('spg_loss_A')
    names = 'logits_b1', 'logits_b2', 'logits_c'
    logits = [arrays[name].requires_grad_() for name in names]
    part = SelfProducedGuidance('', '', (1, 1, 1), width=1)
    part.early = part.middle = part.shared = part.last = nn.Identity()
    part.taps = [SimpleNamespace(take=lambda x=x: x) for x in logits]
    semantic = arrays['feature_map'].requires_grad_()
    step = SimpleNamespace(semantic=semantic, labels=arrays['labels'])
    terms = part(step)
    pooled = semantic.mean((2, 3))
    target = nn.functional.cross_entropy(pooled, arrays['labels'])
    parts = torch.stack([target, *terms.values()])
    assert_close(parts, arrays['parts'], **EXACT)
    parts.sum().backward()
    assert_close(semantic.grad, arrays['grad_feature_map'], **EXACT)
    for name, tensor in zip(names, logits, strict=True):
        assert_close(tensor.grad, arrays[f'grad_{name}'], **EXACT)


def test_guide_masks_ignore_what_is_between_and_need_thirty_pixels():
    scores = torch.full((2, 10, 10), 0.3)
    scores[:, 0] = 0.005  # 10 of background
    scores[0, 5:] = 0.8  # 50 above the bound
    scores[1, 5, :2] = torch.tensor([0.6, 0.4])  # 0.7 of the maximum: 0.42
    masks = guide_masks(scores, 0.7, 0.01)
    assert [(masks[0] == value).sum() for value in (1, 0, -1)] == [50, 10, 40]
    assert [(masks[1] == value).sum() for value in (1, 0, -1)] == [1, 10, 89]


def test_guidance_without_a_decided_pixel_is_no_loss():
    logits = torch.zeros(1, 4, 4, requires_grad=True)
    loss = guided_loss(logits, torch.full((1, 4, 4), -1.0))
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()


def test_contrast_is_the_mean_outside_minus_the_mean_inside():
    values = torch.tensor([[[1.0, 2.0, 6.0]]])
    assert contrast(values, values < 3, values > 3) == 1.5 - 6
    assert contrast(values, values < 3, values > 9) == 1.5  # nothing inside


def test_alignment_begins_after_the_warm_up():
    model = build(dict(ALIGNED, warm_up=2))
    hub = MessageHub.get_current_instance()
    found = []
    for epoch in (1, 2):
        hub.update_info('epoch', epoch)
        found.append('loss_norm' in model.loss(IMAGES, samples(3, 4)))
    hub.update_info('epoch', 0)
    assert found == [False, True]


def test_the_frozen_pass_moves_neither_weights_nor_statistics():
    model = build(head=BAS)
    early = torch.randn(2, WIDTH // 2, 4, 4, requires_grad=True)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.head.frozen_scores(early).sum().backward()
    assert early.grad.any()
    assert all(p.grad is None for p in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


@torch.no_grad()
def test_foreground_of_several_classes_is_the_same_for_all():
    model = build(head=dict(BAS, top_k=3)).eval()
    sample, _ = model.predict(IMAGES, samples(3, 4))
    first, *others = sample.localization_maps
    assert others
    assert all(torch.equal(first, other) for other in others)
    own = build(head=BAS).eval().predict(IMAGES, samples(3, 4))[0]
    wanted = model.head.generator[0].bias  # sigmoid(conv) of each class
    assert len(wanted) == 7
    assert not torch.equal(own.localization_maps[0], own.localization_maps[1])


PARTS = {
    'has': ((HIDING,), None),
    'adl': ((DROPOUT,), None),
    'acol': ((), ACOL),
    'spg': ((GUIDED,), None),
    'eil': ((TWIN,), None),
    'bgc': ((ALIGNED,), None),
    'bas': ((), BAS),
    'da-wsol': ((DOMAINS,), None),
    'i2c': ((dict(type='mmscm.InterImage'),), None),
    'spa': ((CONSTRAINT,), CORRELATION),
    'all': ((HIDING, DROPOUT, GUIDED, ALIGNED, TWIN), dict(ACOL, hidden=())),
}


@pytest.mark.parametrize('method', PARTS)
def test_losses_under_bfloat16_are_near_those_of_float32(method, monkeypatch):
    monkeypatch.setattr(Regularizer, 'epoch', 30)  # all have begun
    regularizers, head = PARTS[method]
    pairs, totals, wide = method == 'i2c', [], 1
    if method == 'bas':  # its ratio of scores wants a network of some width
        wide, head = 4, dict(BAS, early_channels=WIDTH * 2)
    for half in (False, True):
        model = build(*regularizers, head=head, wide=wide)
        torch.manual_seed(1)
        with torch.autocast('cpu', torch.bfloat16, enabled=half):
            losses = model.loss(IMAGES, samples(3, 3 if pairs else 4))
        total, _ = model.parse_losses(losses)
        total.backward()
        for parameter in model.parameters():
            assert parameter.grad is None or parameter.grad.isfinite().all()
        totals.append(total.item())
    assert totals[1] == pytest.approx(totals[0], rel=0.1)


@pytest.mark.parametrize('method', ['da-wsol', 'spa', 'i2c'])
def test_a_checkpoint_has_all_of_a_training_and_predicts_the_same(
    method, monkeypatch
):
    monkeypatch.setattr(Regularizer, 'epoch', 30)
    regularizers, head = PARTS[method]
    trained = build(*regularizers, head=head)
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.01)
    trained.parse_losses(trained.loss(IMAGES, samples(3, 3)))[0].backward()
    optimizer.step()
    loaded = build(*regularizers, head=head)
    loaded.load_state_dict(trained.state_dict())
    predicted, losses = [], []
    for model in (trained, loaded):
        torch.manual_seed(1)
        model.eval()
        losses.append(model.loss(IMAGES, samples(3, 3)))
        with torch.no_grad():
            predicted.append(model.predict(IMAGES)[0])
    assert_close(losses[1], losses[0])
    for key in ('pred_score', 'localization_maps'):
        assert_close(predicted[1].get(key), predicted[0].get(key))


LARGE = dict(type='mmscm.SemanticHead')
ONE_BY_ONE = r'last convolution is 1x1, but got \(3, 3\)'
MIXING = dict(augments=dict(type='CutMix', alpha=1.0))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(regularizers=[dict(HIDING, grid_size=0)]), '`grid_size`'),
        (dict(regularizers=[dict(ALIGNED, sign='sum')]), '`sign`'),
        (dict(regularizers=[ALIGNED], head=LARGE), ONE_BY_ONE),
        (dict(regularizers=[dict(DROPOUT, after=['neck'])]), "got 'neck'"),
        (dict(head=dict(BAS, after='layer9')), "got 'layer9'"),
        (dict(head=ACOL, train_cfg=MIXING), 'batch augments under ACoLHead'),
    ],
)
def test_settings_that_do_not_fit_are_refused_when_built(change, message):
    regularizers = change.pop('regularizers', ())
    with pytest.raises(ValueError, match=message):
        build(*regularizers, **change)


@pytest.mark.parametrize(
    'leaf', ['has/scm-vit-micro_toy', 'cutmix/tscam-vit-micro_toy']
)
def test_methods_compose_in_a_config(leaf):
    cfg = Config.fromfile(CONFIGS / f'{leaf}.py')
    torch.manual_seed(0)
    np.random.seed(0)
    cfg.model.data_preprocessor = cfg.data_preprocessor
    model, seen = MODELS.build(cfg.model), []
    model.backbone.register_forward_hook(
        lambda layer, inputs, output: seen.append(inputs[0])
    )
    images = list(torch.full((2, 3, 112, 112), 255.0))
    images[1] *= 0.5
    data = dict(inputs=images, data_samples=samples(3, 4))
    data = model.data_preprocessor(data, training=True)
    total, _ = model.parse_losses(model(**data, mode='loss'))
    total.backward()
    assert total.isfinite()
    # hidden cells, or cells of the other image
    assert all(len(image[0].unique()) == 2 for image in seen[0])
    assert model.with_neck == leaf.startswith('has')
