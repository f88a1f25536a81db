"""Figure 2: what trains, what is predicted, and what is refused."""

import pytest
import small_models
import torch
from small_models import VIT, samples
from torch.testing import assert_close
from waits import Waits

from mmscm.models import SemanticHead


def build(neck=True, num_classes=7, **settings):
    if neck:
        settings['neck'] = dict(type='mmscm.SCM', num_blocks=2)
    head = dict(type='mmscm.SemanticHead', in_channels=24)
    head['num_classes'] = num_classes
    return small_models.build(VIT, head, **settings)


IMAGES = torch.randn(3, 3, 32, 32, generator=torch.manual_seed(1))


def test_neck_acts_in_training_and_never_at_test():
    model = build()
    model.init_weights()
    with_neck = model.loss(IMAGES, samples(0, 1, 2))['loss']
    logits = model(IMAGES, mode='tensor')
    model.neck.forward = None  # calling it would fail
    assert_close(model(IMAGES, mode='tensor'), logits)
    model.predict(IMAGES, samples(0, 1, 2))
    plain = torch.nn.functional.cross_entropy(logits, torch.arange(3))
    assert abs(with_neck - plain) > 1e-4
    model.neck = None  # what is trained without is what the test sees
    assert_close(model.loss(IMAGES, samples(0, 1, 2))['loss'], plain)


def test_lambda_and_beta_are_logged_and_learned():
    model = build()
    losses = model.loss(IMAGES, samples(0, 1, 2))
    assert losses['scm/lambda_1'] == 1
    assert losses['scm/beta_0'] == 0.5
    total, log_vars = model.parse_losses(losses)
    total.backward()
    assert_close(log_vars['loss'], losses['loss'])
    assert all(p.grad is not None for p in model.parameters())
    assert model.neck.blocks[0].lambda_.grad != 0


@pytest.mark.parametrize('neck', [False, True])
def test_a_training_step_waits_for_no_result(neck):
    model, labels = build(neck), samples(0, 1, 2)
    with Waits() as seen:
        model.loss(IMAGES, labels)['loss'].backward()
    assert not seen.waits


@torch.no_grad()
def test_a_prediction_copies_labels_once_a_batch(monkeypatch):
    copies, copy = [], torch.Tensor.cpu
    monkeypatch.setattr(
        torch.Tensor, 'cpu', lambda self: copies.append(1) or copy(self)
    )
    model = build().eval()
    with Waits() as seen:
        model.predict(IMAGES, samples(0, 1, 2), labels=[3])
    assert not seen.waits
    assert len(copies) == 1


@torch.no_grad()
def test_prediction_is_attention_times_semantics_of_the_class():
    model = build().eval()
    (sample,) = model.predict(IMAGES[:1], samples(3))
    semantic, attention = model.extract_maps(IMAGES[:1])
    labels = sample.map_labels
    assert labels[0] == sample.pred_label
    wanted = semantic[0, labels] * attention[0]
    assert_close(sample.localization_maps, wanted)
    assert_close(sample.pred_score, semantic[0].mean((-2, -1)).softmax(0))


@pytest.mark.parametrize('part', ['semantic', 'attention'])
@torch.no_grad()
def test_one_map_alone_can_localize(part):
    model = build(localize_with=part).eval()
    images = torch.rand(2, 3, 32, 32)
    for sample in model(images, samples(3, 4), mode='predict'):
        alone = sample.semantic_maps
        if part == 'attention':
            alone = sample.attention_map.expand_as(alone)
        assert torch.equal(sample.localization_maps, alone)


@torch.no_grad()
def test_maps_are_given_for_the_top_five_and_the_ground_truth_once():
    model = build().eval()
    for label in range(7):
        (sample,) = model.predict(IMAGES[:1], samples(label))
        labels = sample.map_labels.tolist()
        top = sample.pred_score.topk(5).indices.tolist()
        assert labels == (top if label in top else [*top, label])
        assert sample.localization_maps.shape == (len(labels), 4, 4)


@torch.no_grad()
def test_further_classes_are_mapped_on_request_once():
    for sample in build().eval().predict(IMAGES, labels=range(7)):
        assert sorted(sample.map_labels.tolist()) == list(range(7))


@torch.no_grad()
def test_images_without_labels_and_few_classes_work():
    model = build(num_classes=3).eval()
    found = model.predict(IMAGES)
    assert [len(sample.map_labels) for sample in found] == [3, 3, 3]


@pytest.mark.parametrize(
    ('neck', 'setting', 'low', 'high'),
    [
        (True, None, 0.0, 1.0),
        (False, 'min_max', 0.0, 1.0),
        (False, None, None, None),
        (True, 'raw', None, None),
    ],
)
@torch.no_grad()
def test_attention_norm_is_the_methods_own_unless_given(
    neck, setting, low, high
):
    model = build(neck=neck, attention_norm=setting).eval()
    _, attention = model.extract_maps(IMAGES)
    if low is None:  # class-token attention: at most 1 with the other tokens
        assert attention.sum((-2, -1)).max() < 1
        assert attention.min() > 0
    else:
        assert attention.min() == low
        assert attention.max() == high


def blocks(**numbers):
    return dict(test_blocks=numbers)


@pytest.mark.parametrize(
    ('neck', 'settings', 'message'),
    [
        (True, {'attention_norm': 'softmax'}, "but got 'softmax'"),
        (True, {'localize_with': 'sum'}, '`localize_with` to be one of'),
        (True, blocks(logits=3), 'the 2 blocks of the neck, .*: 3'),
        (True, blocks(semantic=-1), "but got .*'semantic': -1"),
        (False, blocks(attention=1), 'the 0 blocks of the neck'),
        (True, blocks(maps=1), "but got .*'maps': 1"),
    ],
)
def test_wrong_options_are_refused(neck, settings, message):
    with pytest.raises(ValueError, match=message):
        build(neck=neck, **settings)


@pytest.mark.parametrize(
    ('mean', 'std', 'warned'),
    [
        ((0.5,) * 3, (0.2,) * 3, 1),
        ((0.5,) * 3, (58,) * 3, 1),
        ((127,) * 3, (0.2,) * 3, 1),
        ((127,) * 3, (58,) * 3, 0),
        ((127,) * 3, (1,) * 3, 0),  # as Caffe
        (None, None, 0),
    ],
)
def test_images_normalised_from_0_to_1_are_a_warning(
    mean, std, warned, recwarn
):
    build(data_preprocessor=dict(mean=mean, std=std))
    texts = [str(warning.message) for warning in recwarn]
    assert sum('pixels from 0 to 255' in text for text in texts) == warned


@torch.no_grad()
def test_maps_are_float32_under_autocast():
    model = build().eval()
    with torch.autocast('cpu', torch.bfloat16):
        (sample,) = model.predict(IMAGES[:1], samples(0))
    assert sample.localization_maps.dtype == torch.float32


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'num_classes': 0}, '`num_classes` = 0'),
        ({'num_classes': 3, 'topk': (1, 5)}, r'= 3, but got \(1, 5\)'),
    ],
)
def test_head_refuses_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        SemanticHead(in_channels=8, **settings)


def test_head_is_he_initialised():
    head = SemanticHead(in_channels=64, num_classes=100)
    head.init_weights()
    # He: std = sqrt(2 / fan_in), fan_in = 64 * 9
    assert head.conv.weight.std().item() == pytest.approx(0.0589, rel=0.02)
    assert not head.conv.bias.any()


@torch.no_grad()
def test_any_pair_of_blocks_can_be_the_prediction():
    plain = build().eval()
    steps = plain.neck.steps(*plain.extract_maps(IMAGES))
    blocks = dict(logits=0, semantic=2, attention=1)
    model = build(test_blocks=blocks).eval()
    for index, sample in enumerate(model.predict(IMAGES)):
        semantic = steps[2][0][index, sample.map_labels]
        attention = steps[1][1][index]
        assert_close(sample.localization_maps, semantic * attention)
        logits = plain(IMAGES, mode='tensor')[index]
        assert_close(sample.pred_score, logits.softmax(0))


@torch.no_grad()
def test_kept_neck_gives_the_logits_of_the_training():
    model = build(test_blocks=dict(logits=2)).eval()
    semantic, _ = model.neck(*model.extract_maps(IMAGES))
    assert_close(model(IMAGES, mode='tensor'), semantic.mean((-2, -1)))
