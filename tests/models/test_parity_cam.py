"""CAM on the three networks of wsolevaluation, float64."""

from ast import literal_eval

import pytest
import torch
from method_vectors import probe, to_input, vectors, weight
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.functional.maps import min_max_normalize
from mmscm.registry import MODELS

POOL = (2, 2)
# released name -> backbone, with the larger map, head
NETWORKS = {
    'vgg16': (
        dict(type='mmscm.WSOLVGG'),
        dict(pools=(POOL, POOL, POOL, None, None)),
        dict(in_channels=512, hidden=(1024,)),
    ),
    'resnet50': (
        dict(type='ResNet', depth=50, strides=(1, 2, 2, 1)),
        dict(strides=(1, 2, 1, 1)),
        dict(in_channels=2048),
    ),
    'inception_v3': (
        dict(type='mmscm.WSOLInceptionV3'),
        dict(large_map=True),
        dict(in_channels=768, hidden=(1024, 1024), dropout=0.5),
    ),
}


def build(network, weights, large=False):
    backbone, larger, head = NETWORKS[network]
    model = MODELS.build(
        dict(
            type='mmscm.WSOLClassifier',
            backbone=backbone | (larger if large else {}),
            head=dict(type='mmscm.CAMHead', num_classes=7, **head),
        )
    ).double()
    state = {
        name: value
        for name, value in model.state_dict().items()
        if not name.endswith('num_batches_tracked')
    }
    for name, value in zip(state, weights.values(), strict=True):
        state[name] = value.view_as(state[name])  # the order is the released
    model.load_state_dict(state, strict=False)
    model.head.dropout.p = 0.0  # as when the vectors were made
    return model, dict(zip(state, weights, strict=True))


def released_weights(arrays):
    shapes = zip(arrays['state_names'], arrays['state_shapes'], strict=True)
    return {
        str(name): weight(str(name), literal_eval(str(shape)))
        for name, shape in shapes
        if not name.endswith('num_batches_tracked')
    }


def check_test(model, images, labels, logits, cams):
    model.eval()
    samples = [DataSample().set_gt_label(label) for label in labels]
    with torch.no_grad():
        found = model.predict(images, samples)
        assert_close(model(images), logits, rtol=1e-9, atol=1e-9)
    for sample, label, cam in zip(found, labels, cams, strict=True):
        (place,) = (sample.map_labels == label).nonzero()[0]
        # the released map has neither bias nor factor
        ours = min_max_normalize(sample.localization_maps[place])
        wanted = min_max_normalize(cam).float()
        assert_close(ours, wanted, rtol=0, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize('network', NETWORKS)
def test_logits_maps_and_gradients_are_the_released(network):
    arrays = vectors(f'wsoleval_{network}_cam_A')
    images, labels = to_input(arrays['images']), arrays['labels']
    model, released = build(network, released_weights(arrays))
    check_test(model, images, labels, arrays['test_logits'], arrays['cams'])
    model.train()
    samples = [DataSample().set_gt_label(label) for label in labels]
    loss = model.loss(images, samples)['loss']
    assert_close(loss, arrays['loss'], rtol=1e-9, atol=0)
    loss.backward()
    probes = zip(arrays['grad_names'], arrays['grad_probes'], strict=True)
    wanted = {str(name): values[:3] for name, values in probes}
    for name, parameter in model.named_parameters():
        expected = wanted.pop(released[name])
        error = probe(released[name], parameter.grad) - expected
        assert error.abs().max() <= 1e-8 * expected[1], name
    assert not wanted


@pytest.mark.slow
@pytest.mark.parametrize('network', NETWORKS)
def test_the_larger_map_is_the_released(network):
    arrays = vectors(f'wsoleval_{network}_cam_A')
    weights = released_weights(arrays)
    if network == 'vgg16':  # without the fourth pooling, other numbers
        numbers = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 23, 25, 27]
        names = [
            f'features.{n}.{k}' for n in numbers for k in ('weight', 'bias')
        ]
        weights = {
            name: weight(name, value.shape)
            for name, value in zip(
                [*names, *list(weights)[26:]], weights.values(), strict=True
            )
        }
    model, _ = build(network, weights, large=True)
    check_test(
        model,
        to_input(arrays['images']),
        arrays['labels'],
        arrays['lfm_test_logits'],
        arrays['lfm_cams'],
    )


def test_every_pooling_of_a_vgg_must_be_named():
    with pytest.raises(ValueError, match=r'`pools` .* each of the 5 stages'):
        MODELS.build(dict(type='mmscm.WSOLVGG', depth=11, pools=(POOL,)))
