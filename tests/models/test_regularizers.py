"""The slot of the methods that change the training only."""

import copy

import pytest
import small_models
import torch
from small_models import ARCH, LITE0, RESNET, VIT, WIDTH, samples
from torch import nn
from torch.testing import assert_close

from mmscm.models import Regularizer, Tail, Tap, find_layer
from mmscm.registry import MODELS

IMAGES = torch.randn(2, 3, 32, 32, generator=torch.manual_seed(1))
DEEP_VIT = dict(VIT, arch=dict(ARCH, num_layers=3))


@MODELS.register_module()
class WeightedArea(Regularizer):
    """Mean of the true class's map, by a weight that is learned."""

    needs_labels = True

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self, step):
        planes = step.semantic[torch.arange(len(step.labels)), step.labels]
        assert_close(step.logits.shape, (2, 7))
        return dict(loss_area=self.weight * planes.mean(), area=planes.mean())


@MODELS.register_module()
class Erased(Regularizer):
    """Cross-entropy of a second pass without some pixels of a layer."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def bind(self, model):
        super().bind(model)
        self.tail = Tail(model.backbone, self.after)

    def forward(self, step):
        feature = self.tail.take()
        keep = self.draw(*feature.shape[-2:], device=feature.device) < 0.5
        semantic = self.model.head.project(self.tail(feature * keep))
        logits = semantic.mean((-2, -1))
        loss = nn.functional.cross_entropy(logits, step.labels)
        return dict(loss_erased=loss)


def build(*regularizers, backbone=RESNET, width=WIDTH, **settings):
    head = dict(in_channels=width, cal_acc=False)
    return small_models.build(
        backbone, head, regularizers=list(regularizers), **settings
    )


AREA = dict(type='mmscm.WeightedArea', weight=2.0)
ERASED = dict(type='mmscm.Erased', after='layer3')


def test_terms_join_the_loss_and_their_parameters_the_model():
    model = build(AREA)
    losses = model.loss(IMAGES, samples(3, 4))
    plain = build().loss(IMAGES, samples(3, 4))
    assert_close(losses['loss'], plain['loss'])
    assert_close(losses['loss_area'], 2 * losses['area'])
    total, _ = model.parse_losses(losses)
    assert_close(total, losses['loss'] + losses['loss_area'])
    total.backward()
    name = 'regularizers.0.weight'
    assert_close(dict(model.named_parameters())[name].grad, losses['area'])
    assert name in model.state_dict()


@torch.no_grad()
def test_regularizers_take_no_part_at_test():
    model, plain = build(AREA).eval(), build().eval()
    model.regularizers[0].forward = None  # calling it would fail
    for sample, other in zip(
        model.predict(IMAGES), plain.predict(IMAGES), strict=True
    ):
        assert_close(sample.localization_maps, other.localization_maps)


def test_two_losses_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"\['area', 'loss_area'\] twice"):
        build(AREA, AREA).loss(IMAGES, samples(3, 4))


def test_parts_that_need_labels_refuse_batch_augments_when_built():
    mixing = dict(augments=dict(type='CutMix', alpha=1.0))
    with pytest.raises(ValueError, match='batch augments under WeightedArea'):
        build(AREA, train_cfg=mixing)


CHAINS = [
    (RESNET, WIDTH, 'layer2.0'),
    (RESNET, WIDTH, 'layer3'),
    (dict(type='mmscm.WSOLVGG', depth=11), 512, 'features.9'),
    (dict(type='mmscm.WSOLInceptionV3'), 768, 'Mixed_5d'),
    (dict(type='MobileNetV2', widen_factor=0.25), 1280, 'layer3.1'),
    (LITE0, 1280, 'blocks.4'),
    (DEEP_VIT, 24, 'layers.1'),
]


@pytest.mark.parametrize(('backbone', 'width', 'after'), CHAINS)
def test_a_tail_on_the_layers_own_output_ends_as_the_backbone(
    backbone, width, after
):
    model = build(backbone=backbone, width=width).eval()
    tail = Tail(model.backbone, after)
    tokens, _, _ = model.encode(IMAGES)
    assert_close(tail(tail.take()), tokens)


def test_a_tap_keeps_the_pass_of_the_images_and_not_that_of_a_tail():
    backbone = build().eval().backbone
    early, late = Tail(backbone, 'layer2'), Tap(backbone, 'layer4.0')
    seen = []
    backbone.layer4[0].register_forward_hook(
        lambda layer, inputs, output: seen.append(output)
    )
    backbone(IMAGES)
    early(early.take() * 2)
    assert torch.equal(late.take(), seen[0])
    backbone(IMAGES * 3)
    assert torch.equal(late.take(), seen[2])


@pytest.mark.parametrize('backbone', [RESNET, DEEP_VIT])
def test_an_unknown_layer_is_refused_with_the_names_that_are(backbone):
    model = build(backbone=backbone)
    for find in (Tail, find_layer):
        with pytest.raises(ValueError, match=r"got 'conv9'.* layers?\w*\.1"):
            find(model.backbone, 'conv9')


def test_a_backbone_that_branches_has_no_tail():
    swin = dict(type='SwinTransformer', arch='tiny', img_size=32)
    with pytest.raises(ValueError, match=r'one after the other.*got Swin'):
        build(dict(ERASED, after='stages.0'), backbone=swin, width=768)


def test_a_copy_of_the_model_has_its_own_hooks():
    model = build(ERASED)
    ours = model.regularizers[0]
    ours.draw = lambda *size, device=None: torch.zeros(size)
    clone = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    losses = clone.loss(IMAGES, samples(3, 4))
    assert_close(losses['loss_erased'], losses['loss'])  # keeps all
    assert not ours.tail._kept


@pytest.mark.parametrize('method', ['scm', 'tscam'])
def test_methods_compose_in_a_config(method):
    neck = dict(type='mmscm.SCM', num_blocks=2) if method == 'scm' else None
    mixing = dict(augments=dict(type='CutMix', alpha=1.0))
    model = build(
        *([dict(ERASED, after='layers.0'), AREA] if neck else []),
        backbone=DEEP_VIT,
        width=24,
        neck=neck,
        train_cfg=None if neck else mixing,
        data_preprocessor=dict(num_classes=7),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    data = dict(inputs=list(IMAGES), data_samples=samples(3, 4))
    data = model.data_preprocessor(data, training=True)
    losses = model(**data, mode='loss')
    names = {'loss', 'loss_erased', 'loss_area'} if neck else {'loss'}
    assert {name for name in losses if 'loss' in name} == names
    total, _ = model.parse_losses(losses)
    total.backward()
    optimizer.step()
    assert all(p.grad is not None for p in model.parameters())
