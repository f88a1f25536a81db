"""GC-Net as a model: terms, boxes, labels."""

import math

import pytest
import torch
from small_models import samples
from torch.testing import assert_close

from mmscm.functional.soft_shapes import soft_mask
from mmscm.models import GeometryLocalizer

RESNET = dict(type='ResNet', depth=18, stem_channels=8, base_channels=8)
CAM = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(RESNET, strides=(1, 2, 2, 1)),
    head=dict(type='mmscm.CAMHead', num_classes=3, in_channels=64),
)
IMAGES = torch.randn(2, 3, 32, 64, generator=torch.manual_seed(1))
LABELS = torch.tensor([2, 0])


def build(shape='ellipse', classifier=CAM):
    torch.manual_seed(0)
    return GeometryLocalizer(RESNET, 64, classifier, shape).eval()


@pytest.mark.parametrize('shape', ['ellipse', 'rectangle'])
def test_terms_are_those_of_loops_over_images(shape):
    model = build(shape)
    model.regressor[0].weight.data.mul_(20)
    losses = model.loss(IMAGES, samples(*LABELS))
    numbers = model.extract_feat(IMAGES)
    found = torch.zeros(3)
    for image, row, label in zip(IMAGES, numbers, LABELS, strict=True):
        turned = row.clone()
        if shape == 'ellipse':
            turned[4] -= 0.5
        mask = soft_mask(turned[None], (32, 64), 10.0)[0]
        classifier = model.classifier
        logits = [
            classifier.head(classifier.extract_feat(part[None]))[0]
            for part in (image * mask, image * (1 - mask))
        ]
        shares = [torch.exp(x) / torch.exp(x).sum() for x in logits]
        entropy = -sum(p * p.log() for p in shares[1])
        area = 2.5 * row[2] * row[3]
        even = math.log(3) - entropy
        found += torch.stack([-shares[0][label].log(), even, area])
    assert_close(torch.stack([*losses.values()]), found / 2)
    assert all(losses[f'loss_{n}'] >= 0 for n in ('object', 'background'))


def test_a_step_moves_the_shape_and_not_the_classifier():
    model = build().train()
    before = {k: v.clone() for k, v in model.classifier.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total, _ = model.parse_losses(model.loss(IMAGES, samples(*LABELS)))
    assert total.isfinite()
    total.backward()
    optimizer.step()
    assert model.regressor[0].weight.grad.any()
    assert model.slope.grad.isfinite()
    after = model.classifier.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_losses_under_bfloat16_are_near_those_of_float32():
    totals = []
    for half in (False, True):
        with torch.autocast('cpu', torch.bfloat16, enabled=half):
            losses = build().loss(IMAGES, samples(*LABELS))
        totals.append(build().parse_losses(losses)[0].item())
    assert totals[1] == pytest.approx(totals[0], rel=0.05)


@torch.no_grad()
def test_a_checkpoint_predicts_boxes_in_pixels_and_labels():
    trained, loaded = build(), build()
    for parameter in trained.parameters():
        parameter.add_(0.01 * torch.randn_like(parameter))
    loaded.load_state_dict(trained.state_dict())
    predicted = loaded.predict(IMAGES, samples(*LABELS))
    labels = trained.classifier.predict(IMAGES)
    for sample, other, label in zip(
        predicted, trained.predict(IMAGES), labels, strict=True
    ):
        assert_close(sample.pred_bboxes, other.pred_bboxes)
        assert_close(sample.pred_score, label.pred_score)
        (box,), (mask,) = sample.pred_bboxes, sample.localization_maps
        assert mask.shape == (32, 64)
        rows, columns = (mask > 0.5).nonzero().T
        extent = [columns.min(), rows.min(), columns.max(), rows.max()]
        assert_close(box, torch.stack(extent).float(), atol=2.1, rtol=0)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(shape='circle'), "'rectangle'.*'circle'"),
        (dict(classifier=None), 'Expected a `classifier`'),
    ],
)
def test_a_shape_or_a_classifier_that_is_none_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        build(**settings)
