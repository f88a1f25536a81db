"""PSOL as a model: loss, boxes, labels."""

import numpy as np
import pytest
import torch
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.evaluation import LocalizationAccuracy
from mmscm.models import BoxLocalizer
from mmscm.registry import MODELS

RESNET = dict(type='ResNet', depth=18, stem_channels=8, base_channels=8)
IMAGES = torch.randn(2, 3, 32, 64, generator=torch.manual_seed(1))
CAM = dict(
    type='mmscm.WSOLClassifier',
    backbone=RESNET,
    head=dict(type='mmscm.CAMHead', num_classes=3, in_channels=64),
)


def build(**settings):
    torch.manual_seed(0)
    return BoxLocalizer(RESNET, in_channels=64, **settings).eval()


def samples(*boxes, **fields):
    """One with each pseudo box, as PackInputs makes them."""
    boxes = map(np.float32, boxes)
    return [DataSample(pseudo_bboxes=box[None], **fields) for box in boxes]


def answering(values):
    """A model that finds x, y, w, h whatever it sees."""
    model = build()
    model.regressor[2].weight.data.zero_()
    model.regressor[2].bias.data = torch.tensor(values).logit()
    return model


def test_the_loss_is_fifty_times_the_mean_squared_difference():
    model = answering([0.5, 0.25, 0.25, 0.5])
    # in fractions x, y, w, h .25 .25 .5 .5 and .5 .25 .25 .25
    boxes = [16, 8, 48, 24], [32, 8, 48, 16]
    (loss,) = model.loss(IMAGES, samples(*boxes)).values()
    squares = 2 * 0.25**2 + 0.25**2
    assert_close(loss.item(), 50 * squares / 8)
    perfect = samples([32, 8, 48, 24], [32, 8, 48, 24])
    (loss,) = model.loss(IMAGES, perfect).values()
    assert_close(loss.item(), 0.0, atol=1e-9, rtol=0)


@torch.no_grad()
def test_the_regressor_is_two_layers_on_the_pooled_last_map():
    model = build()
    pooled = model.backbone(IMAGES)[-1].mean((2, 3))
    first, _, second, _ = model.regressor
    hidden = (pooled @ first.weight.T + first.bias).clamp(min=0)
    assert hidden.shape == (2, 512)
    expected = 1 / (1 + (-(hidden @ second.weight.T + second.bias)).exp())
    assert_close(model.extract_feat(IMAGES), expected)


@torch.no_grad()
def test_boxes_are_in_pixels_and_end_at_the_border():
    (first, _) = answering([0.25, 0.5, 0.5, 0.25]).predict(IMAGES)
    assert_close(first.pred_bboxes, torch.tensor([[16.0, 16.0, 48.0, 24.0]]))
    (inside,) = first.localization_maps
    assert inside.shape == (32, 64)
    assert inside[16:24, 16:48].all()
    assert inside.sum() == 8 * 32
    (beyond, _) = answering([0.75, 0.5, 0.75, 0.75]).predict(IMAGES)
    assert_close(beyond.pred_bboxes, torch.tensor([[48.0, 16.0, 64.0, 32.0]]))


@torch.no_grad()
def test_any_classifier_gives_the_label():
    model = build(classifier=CAM)
    predicted = model.predict(IMAGES, samples([0, 0, 9, 9], [0, 0, 9, 9]))
    own = model.classifier.predict(IMAGES)
    for sample, expected in zip(predicted, own, strict=True):
        assert_close(sample.pred_score, expected.pred_score)
        assert 'map_labels' not in sample  # one box for all classes
    host = dict(
        type='ImageClassifier',
        backbone=RESNET,
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=3, in_channels=64),
    )
    (sample, _) = build(classifier=host).predict(IMAGES)
    assert len(sample.pred_score) == 3
    assert 'pred_score' not in build().predict(IMAGES)[0]


def test_the_classifier_starts_with_the_weights_that_it_names(tmp_path):
    trained = MODELS.build(CAM)
    path = str(tmp_path / 'cam.pth')
    torch.save(trained.state_dict(), path)
    start = dict(type='Pretrained', checkpoint=path)
    model = build(classifier=dict(CAM, init_cfg=start))
    model.init_weights()
    assert_close(model.classifier.state_dict(), trained.state_dict())


def test_the_classifier_is_not_trained_and_stands_once_in_a_checkpoint():
    model = build(classifier=CAM).train()
    assert model.training
    assert not model.classifier.training
    boxed = samples([0, 0, 9, 9], [0, 0, 9, 9])
    model.loss(IMAGES, boxed)['loss'].backward()
    trained = {n for n, p in model.named_parameters() if p.grad is not None}
    parts = {name.split('.')[0] for name in trained}
    assert parts == {'backbone', 'regressor'}
    assert not any(name.startswith('head') for name in model.state_dict())


@pytest.mark.parametrize('fields', [{}, dict(pseudo_bboxes=np.zeros((0, 4)))])
def test_an_image_without_a_pseudo_box_is_named(fields):
    sample = DataSample(metainfo=dict(img_path='a/b.jpg'), **fields)
    with pytest.raises(ValueError, match=r'a/b\.jpg.*`pseudo_boxes`'):
        build().loss(IMAGES[:1], [sample])


@torch.no_grad()
def test_metrics_score_the_box_and_refuse_pseudo_boxes_as_the_truth():
    model = answering([0.25, 0.5, 0.5, 0.25])
    shape = dict(img_shape=(32, 64), img_path='a.jpg')
    truth = torch.tensor([[16.0, 16.0, 48.0, 24.0]])
    sample = DataSample(gt_bboxes=truth, metainfo=shape).set_gt_label(1)
    model.predict(IMAGES[:1], [sample])
    metric = LocalizationAccuracy(topk=())
    metric.process(None, [sample.to_dict()])
    assert metric.evaluate(1)['wsol/gt_known'] == 100
    (sample,) = samples([16, 16, 48, 24], metainfo=shape)
    model.predict(IMAGES[:1], [sample.set_gt_label(1)])
    with pytest.raises(ValueError, match=r'`dataset\.pseudo_boxes`'):
        metric.process(None, [sample.to_dict()])
