"""What maps are worth, and which gradients the loss has, on known cases."""

from __future__ import annotations

import pytest
import torch
from map_study import MapScores, box_mask, gain, map_study, map_table
from mmpretrain.structures import DataSample
from neck_study import (
    ITERATIONS,
    diffusion_study,
    diffusion_table,
    gradient_study,
    gradient_table,
)
from tiny_model import tiny_cam, tiny_config

from mmscm import get_model

LEFT = torch.tensor([[0.0, 0, 16, 32]])  # half of the image


def sample(label: int = 1) -> DataSample:
    found = DataSample(metainfo=dict(img_shape=(32, 32)))
    found.set_gt_label(label)
    found.set_field(LEFT, 'gt_bboxes')
    return found


def batches(count: int = 2) -> list[dict]:
    torch.manual_seed(1)
    return [
        dict(
            inputs=list(torch.randint(256, (3, 3, 32, 32))),
            data_samples=[sample(label) for label in range(3)],
        )
        for _ in range(count)
    ]


@pytest.fixture(scope='module', params=[True, False], ids=['scm', 'tscam'])
def model(request):
    torch.manual_seed(0)
    built = get_model(tiny_config(request.param))
    for weight in built.backbone.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return built


def test_a_map_of_the_object_has_all_its_mass_inside():
    scores = MapScores()
    plane = torch.zeros(32, 32)
    plane[:, :16] = 1
    scores.add(plane, sample())
    known, _, v2, inside, spread = scores.row()
    assert (known, v2, inside, spread) == ('100.0', '100.0', '100.0', '50.0')


def test_a_constant_map_is_even():
    scores = MapScores()
    scores.add(torch.ones(4, 4), sample())
    assert scores.row()[-2:] == ['50.0', '100.0']


def test_boxes_that_reach_over_the_border_end_there():
    mask = box_mask(torch.tensor([[-5.0, 20, 8, 90]]), (32, 32))
    assert mask.sum() == 8 * 12
    assert mask[20:, :8].all()


def test_a_model_without_attention_has_one_map():
    model = get_model(tiny_cam())
    assert list(map_study(model, batches())) == ['S0']
    with pytest.raises(ValueError, match='a model with attention'):
        gradient_study(model, batches())


def test_a_neck_adds_its_maps(model):
    scores = map_study(model, batches())
    plain = ['S0', 'F0', 'S0 F0']
    added = ['S2', 'F2', 'S2 F2', 'S2 / S0'] if model.with_neck else []
    assert list(scores) == plain + added
    assert all(len(kind.boxes) == 6 for kind in scores.values())
    last = map_table(scores).splitlines()[-1]
    assert last == '| even | - | - | - | 50.0 | 100.0 |'


def test_gain_is_what_the_semantic_map_is_multiplied_by():
    torch.manual_seed(0)
    semantic, factor = torch.randn(2, 3, 4, 4), 1 + torch.rand(2, 4, 4)
    semantic[0, :, 0, 0] = 0
    steps = [(semantic, factor), (semantic * factor[:, None], factor)]
    factor[0, 0, 0] = 1  # unknown there
    torch.testing.assert_close(gain(steps), factor)


def test_both_parts_make_the_gradient_of_the_loss(model):
    (batch,) = batches(1)
    study = gradient_study(model, [batch])
    data = model.data_preprocessor(batch, True)
    loss = model.loss(data['inputs'], data['data_samples'])['loss']
    weights = list(model.backbone.parameters())
    whole = torch.autograd.grad(
        loss, weights, allow_unused=True, materialize_grads=True
    )
    norm = torch.cat([part.flatten() for part in whole]).norm().item()
    (first,) = study['gradient through S0, norm']
    second = cosine = 0.0
    if model.with_neck:
        (second,) = study['gradient through F0, norm']
        (cosine,) = study['cosine of F0 and S0']
    parts = first**2 + second**2 + 2 * cosine * first * second
    assert parts == pytest.approx(norm**2, rel=1e-3)


def test_the_table_has_a_row_for_every_learned_scalar(model):
    lines = gradient_table(gradient_study(model, batches())).splitlines()
    names = [line.split(' | ')[0] for line in lines[2:]]
    assert names[0] == '| gradient through S0, norm'
    learned = [n for n in names if 'd loss' in n]
    assert len(learned) == (4 if model.with_neck else 0)


def test_few_steps_are_the_laplacian_itself(model):
    if not model.with_neck:
        pytest.skip('TS-CAM does not diffuse')
    study = diffusion_study(model, batches())
    assert list(study) == list(ITERATIONS)
    assert all(values.shape == (6, 5) for values in study.values())
    with_laplacian = [values[:, 0].mean() for values in study.values()]
    assert with_laplacian[0] == pytest.approx(1, abs=1e-2)
    assert with_laplacian[0] > with_laplacian[-1]
    assert len(diffusion_table(study).splitlines()) == 2 + len(ITERATIONS)
