"""CNN methods against their released code, float64, weights converted."""

from itertools import product

import pytest
import small_models
import torch
from convert_released import convert_state_dict
from method_vectors import (
    image,
    probe,
    released_weights,
    to_input,
    vectors,
    weight,
)
from small_models import samples
from torch.testing import assert_close
from unfilled import unfilled

from mmscm.functional.maps import min_max_normalize
from mmscm.registry import MODELS

POOL, WIDE, STILL = (2, 2), (3, 2), (3, 1)
VGG = dict(type='mmscm.WSOLVGG')
RESNET = dict(type='ResNet', depth=50, strides=(1, 2, 2, 1))
LARGE_RESNET = dict(RESNET, strides=(1, 2, 1, 1))
INCEPTION = dict(type='mmscm.WSOLInceptionV3')
WIDTHS = {'vgg16': 512, 'resnet50': 2048, 'inception_v3': 768}
NETWORKS = tuple(WIDTHS)
METHODS = 'cam', 'acol', 'spg', 'adl'
# one network of each method in every run, those together all of them
DAILY = 'cam resnet50', 'acol vgg16', 'spg inception_v3', 'adl resnet50'
NIGHT, DAY = pytest.mark.nightly, pytest.mark.slow
CASES = [
    pytest.param(*case, marks=DAY if ' '.join(case) in DAILY else NIGHT)
    for case in product(METHODS, NETWORKS)
]

# backbone with the map of 14 x 14 and of 28 x 28, head, regularizer
HIDDEN = dict(vgg16=dict(hidden=(1024,)), resnet50={})
HIDDEN['inception_v3'] = dict(hidden=(1024, 1024))
BACKBONES = {
    'vgg16': (VGG, dict(VGG, pools=(POOL, POOL, POOL, None, None))),
    'resnet50': (RESNET, LARGE_RESNET),
    'inception_v3': (INCEPTION, dict(INCEPTION, large_map=True)),
    ('acol', 'vgg16'): (
        dict(VGG, pools=(WIDE, WIDE, WIDE, WIDE, STILL)),
        dict(VGG, pools=(WIDE, WIDE, WIDE, STILL, STILL)),
    ),
    ('spg', 'vgg16'): (
        dict(VGG, pools=(POOL, POOL, POOL, WIDE, None)),
        dict(VGG, pools=(POOL, POOL, POOL, None, None)),
    ),
}
ADL_PLACES = {
    'vgg16': ('features.9', 'features.12', 'features.16'),
    'resnet50': ('layer3.0', 'layer4.0', 'layer4.2'),
    'inception_v3': ('Mixed_5d', 'Mixed_6e', 'head.hidden.1'),
}
SPG_KEYS = 'early', 'middle', 'in_channels', 'width'
SPG_PLACES = {
    'vgg16': ('features.13', 'features.16', (512,) * 3),
    'resnet50': ('layer3.0', 'layer3', (1024, 1024, 2048), 1024),
    'inception_v3': ('maxpool3', 'Mixed_6d', (288, 768, 1024)),
}


def build(method, network, large=False):
    backbone = BACKBONES.get((method, network), BACKBONES[network])[large]
    head = dict(HIDDEN[network], in_channels=WIDTHS[network])
    regularizers = []
    if method == 'acol':
        head |= dict(type='mmscm.ACoLHead', erase_thr=0.7)
        head |= dict(hidden=(1024, 1024), pre_pool=network == 'vgg16')
    if method == 'spg':
        if network == 'vgg16':
            head |= dict(hidden=(512, 512))
        places = dict(zip(SPG_KEYS, SPG_PLACES[network], strict=False))
        if large and network == 'inception_v3':
            places['early'] = 'Mixed_5d'
        regularizers = [dict(type='mmscm.SelfProducedGuidance', **places)]
    if method == 'adl':
        places = ADL_PLACES[network]
        dropout = dict(after=places, drop_rate=0.75, drop_thr=0.8)
        regularizers = [dict(type='mmscm.AttentionDropout', **dropout)]
    return assemble(backbone, head, *regularizers)


def assemble(backbone, head, *regularizers):
    with unfilled():  # the released weights come
        model = small_models.build(
            backbone, head, regularizers=list(regularizers)
        )
    return model.double()


def load(model, weights):
    """Released weights through the converter; released name of each."""
    conversion = convert_state_dict(weights)
    found = model.load_state_dict(conversion.state_dict, strict=False)
    assert not found.unexpected_keys
    counters = [n.endswith('num_batches_tracked') for n in found.missing_keys]
    assert all(counters)
    return {new: old for old, new in conversion.renamed.items()}


@torch.no_grad()
def predict(model, images, labels):
    """Samples, and the logits that they were made from."""
    logits = []
    keep = model.eval().head.register_forward_hook
    with keep(lambda head, inputs, output: logits.append(output)):
        found = model.predict(images, samples(*labels))
    return found, logits[0]


def check_test(model, images, arrays, kind=''):
    labels, cams = arrays['labels'], arrays[f'{kind}cams']
    found, scores = predict(model, images, labels)
    assert_close(scores, arrays[f'{kind}test_logits'], rtol=1e-9, atol=1e-9)
    for sample, label, cam in zip(found, labels, cams, strict=True):
        (place,) = (sample.map_labels == label).nonzero()[0]
        # the released map has neither bias nor factor
        ours = min_max_normalize(sample.localization_maps[place])
        wanted = min_max_normalize(cam).float()
        assert_close(ours, wanted, rtol=0, atol=1e-5)


def check_training(model, images, arrays, released, run=''):
    model.train()
    model.zero_grad()
    losses = model.loss(images, samples(*arrays['labels']))
    total, _ = model.parse_losses(losses)
    assert_close(total, arrays[f'{run}loss'], rtol=1e-9, atol=0)
    total.backward()
    probes = arrays[f'{run}grad_probes'][:, :3]
    wanted = dict(zip(map(str, arrays['grad_names']), probes, strict=True))
    for name, parameter in model.named_parameters():
        if parameter.grad is None:
            continue
        expected = wanted.pop(released[name])
        error = probe(released[name], parameter.grad) - expected
        assert error.abs().max() <= 1e-8 * expected[1] + 1e-14, name
    # the frozen copies of BAS are no parameters here
    assert all('_copy' in name for name in wanted)
    return losses


@pytest.mark.parametrize(('method', 'network'), CASES)
def test_logits_maps_and_gradients_are_the_released(method, network):
    arrays = vectors(f'wsoleval_{network}_{method}_A')
    images = to_input(arrays['images'])
    model = build(method, network)
    released = load(model, released_weights(arrays))
    check_test(model, images, arrays)
    runs = ('drop_', 'importance_', 'mixed_') if method == 'adl' else ('',)
    for run in runs:
        if run:
            draws = iter(arrays[f'{run}draws'])
            model.regularizers[0].draw = lambda *size, device, draws=draws: (
                next(draws)
            )
        check_training(model, images, arrays, released, run)


@pytest.mark.nightly
@pytest.mark.parametrize(('method', 'network'), product(METHODS, NETWORKS))
def test_the_larger_map_is_the_released(method, network):
    arrays = vectors(f'wsoleval_{network}_{method}_A')
    weights = released_weights(arrays)
    if network == 'vgg16' and method in ('cam', 'adl'):
        # without the fourth pooling the last convolutions have other numbers
        names = [name for name in weights if name.startswith('features.')]
        for name in names[20:]:
            _, number, kind = name.split('.')
            other = f'features.{int(number) - 1}.{kind}'
            weights[name] = weight(other, weights[name].shape)
    model = build(method, network, large=True)
    load(model, weights)
    check_test(model, to_input(arrays['images']), arrays, 'lfm_')


BGC = {
    'vgg16': (VGG, 'vgg16', 'features.12'),
    'resnet50': (LARGE_RESNET, 'resnet50', 'layer4.0'),
}


@pytest.mark.parametrize(
    'network',
    [pytest.param('vgg16', marks=NIGHT), pytest.param('resnet50', marks=DAY)],
)
def test_feature_alignment_is_the_released(network):
    arrays = vectors(f'bgc_{network}_A')
    backbone, network, after = BGC[network]
    names = 'hyper_simratio_fg_bg_normratio_dropratio'
    similarity, high, low, norm, drop = arrays[names].tolist()
    aligned = dict(
        type='mmscm.FeatureAlignment',
        after=after,
        drop_thr=float(arrays['drop_thr']),
        drop_prob=float(arrays['drop_prob']),
        drop_weight=drop,
        similarity_weight=similarity,
        norm_weight=norm,
        bounds=(low, high),
        warm_up=0,
    )
    head = dict(HIDDEN[network], in_channels=WIDTHS[network])
    model = assemble(backbone, head, aligned)
    model.regularizers[0].draw = lambda *size, device: arrays['draws']
    released = load(model, released_weights(arrays))
    images = to_input(arrays['images'])
    for data, sign in (('CUB', 'max'), ('ILSVRC', 'label')):
        model.regularizers[0].sign = sign
        check_training(model, images, arrays, released, f'{data}_')
    # after the training: the statistics have moved
    check_test(model, images, arrays)


OWN_RESNET = dict(LARGE_RESNET, type='mmscm.WSOLResNet')
DEEP = dict(INCEPTION, large_map=True, last_stage=True)
# backbone, layer, its width, width of the last one; lambda and the weight of
# the masked term on CUB and on ILSVRC
BAS = {
    'vgg': (VGG, 'features.12', 512, 512, (0.7, 0), (1, 0.05)),
    'resnet': (OWN_RESNET, 'layer3.5', 1024, 2048, (1.2, 0.5), (2, 1)),
    'inception': (DEEP, 'Mixed_6e', 768, 2048, (1.0, 0.5), (2.5, 1)),
}


@pytest.mark.parametrize(
    ('data', 'classes', 'network'),
    [
        pytest.param('CUB', 200, 'inception', marks=DAY),
        *(
            pytest.param(*data, network, marks=NIGHT)
            for data, network in product([('CUB', 200), ('ILSVRC', 1000)], BAS)
            if (data[0], network) != ('CUB', 'inception')
        ),
    ],
)
def test_background_suppression_is_the_released(data, classes, network):
    name = f'bas_{data}_{network}'
    arrays = vectors(f'{name}_A')
    backbone, after, early, width, *weights = BAS[network]
    area, masked = weights[data == 'ILSVRC']
    head = dict(
        type='mmscm.BASHead',
        num_classes=classes,
        in_channels=width,
        hidden=(1024, 1024),
        after=after,
        early_channels=early,
        area_weight=area,
        masked_weight=masked,
        top_k=int(arrays['topk']),
    )
    model = assemble(backbone, head)
    released = load(model, released_weights(arrays))
    images = to_input(image(name, tuple(arrays['image_shape'])))
    labels = arrays['labels']
    losses = check_training(model, images, arrays, released)
    background = losses['loss_background'] + losses['loss_area']
    assert_close(background, arrays['bas'], rtol=1e-9, atol=0)
    # after the training: the statistics have moved
    found, scores = predict(model, images, labels)
    known = arrays['test_score']
    assert_close(scores[:, :40], known, rtol=1e-9, atol=1e-12)
    for sample, label, wanted in zip(
        found, labels, arrays['test_map'], strict=True
    ):
        (place,) = (sample.map_labels == label).nonzero()[0]
        ours = sample.localization_maps[place]
        assert_close(ours, wanted[0].float(), rtol=1e-6, atol=1e-7)


def test_every_pooling_of_a_vgg_must_be_named():
    with pytest.raises(ValueError, match=r'`pools` .* each of the 5 stages'):
        MODELS.build(dict(type='mmscm.WSOLVGG', depth=11, pools=(POOL,)))
