"""What maps are worth on known cases."""

from __future__ import annotations

import pytest
import torch
from maps import MapScores, box_mask, gain, map_study, map_table
from mmpretrain.structures import DataSample
from tiny_model import tiny_cam, tiny_config

from mmscm import get_model

LEFT = torch.tensor([[0.0, 0, 16, 32]])  # half of the image


def sample(label: int = 1) -> DataSample:
    found = DataSample(metainfo=dict(img_shape=(32, 32)))
    found.set_gt_label(label)
    found.set_field(LEFT, 'gt_bboxes')
    return found


def batches() -> list[dict]:
    torch.manual_seed(1)
    return [
        dict(
            inputs=list(torch.randint(256, (3, 3, 32, 32))),
            data_samples=[sample(label) for label in range(3)],
        )
    ]


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


@pytest.mark.parametrize(
    ('config', 'names'),
    [
        (tiny_cam(), ['S0']),
        (tiny_config(neck=False), ['S0', 'F0', 'S0 F0']),
        (
            tiny_config(),
            ['S0', 'F0', 'S0 F0', 'S2', 'F2', 'S2 F2', 'S2 / S0'],
        ),
    ],
    ids=['cam', 'tscam', 'scm'],
)
def test_attention_and_neck_add_their_maps(config, names):
    scores = map_study(get_model(config), batches())
    assert list(scores) == names
    assert all(len(kind.shares) == 3 for kind in scores.values())
    last = map_table(scores).splitlines()[-1]
    assert last == '| even | - | - | - | 50.0 | 100.0 |'


def test_gain_is_what_the_semantic_map_is_multiplied_by():
    torch.manual_seed(0)
    semantic, factor = torch.randn(2, 3, 4, 4), 1 + torch.rand(2, 4, 4)
    semantic[0, :, 0, 0] = 0
    steps = [(semantic, factor), (semantic * factor[:, None], factor)]
    factor[0, 0, 0] = 1  # unknown there
    torch.testing.assert_close(gain(steps), factor)
