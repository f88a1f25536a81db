import numpy as np
import pytest
import torch
from hand_made import hand_made, rectangle, run

from mmscm.evaluation import LocalizationAccuracy, get_protocol
from mmscm.evaluation.sample import SampleView


@pytest.mark.parametrize('width', [320, 333, 500, 1999])
def test_truncation_survives_float32_rounding(width):
    x = np.arange(width + 1)
    want = [int(value * 224 / width) for value in x.tolist()]
    scale = np.float32(224 / width)
    resized = x.astype(np.float32) * scale
    boxes = np.stack([resized] * 4, axis=1)
    got = get_protocol('wsoleval').true_boxes(boxes, (224, 224))
    np.testing.assert_array_equal(got[:, 0], want)


def test_true_boxes_are_clipped_where_the_protocol_says_so():
    box = np.array([[0.9, 1.2, 20.0, 10.0]])
    size = (10, 20)
    for name in ('tscam', 'scm'):
        got = get_protocol(name).true_boxes(box, size)
        np.testing.assert_array_equal(got, [[0, 1, 19, 9]])
    got = get_protocol('wsoleval').true_boxes(box, size)
    np.testing.assert_array_equal(got, [[0, 1, 20, 10]])


# ten pixels in a line have no area, 3 x 3 pixels have 2 x 2
LINE, SQUARE = rectangle(0, 0, 10, 1), rectangle(0, 4, 3, 7)
CORNERS = rectangle(0, 0, 2, 2) + rectangle(2, 2, 4, 4)


@pytest.mark.parametrize(
    ('protocol', 'plane', 'box'),
    [
        ('pixels', LINE + SQUARE, [0, 0, 10, 1]),
        ('tscam', LINE + SQUARE, [0, 4, 3, 7]),
        ('pixels', CORNERS, [0, 0, 4, 4]),
        ('pixels', torch.ones(10, 10), [0, 0, 0, 0]),
    ],
)
def test_the_box_is_of_most_pixels_or_largest_polygon(protocol, plane, box):
    sample = SampleView(hand_made({0: plane}, 0, [[0, 0, 1, 1]]))
    found = sample.boxes(0, get_protocol(protocol), np.array([0.5]))
    assert found.tolist() == [box]


def test_pixels_scales_the_map_before_it_is_enlarged():
    # enlarged, a bright patch of 2 x 2 pixels keeps less than its maximum,
    # of which tscam takes the fraction
    data = hand_made({0: rectangle(0, 0, 1, 1)}, 0, [[0, 0, 1, 1]])
    patch_map = torch.zeros(5, 5)
    patch_map[2, 1] = 1
    sample = SampleView({**data, 'localization_maps': patch_map[None]})
    peak = {
        name: float(sample.score_map(0, get_protocol(name)).max())
        for name in ('pixels', 'tscam')
    }
    assert peak == {'pixels': pytest.approx(0.75**2), 'tscam': 1}


def test_pixels_needs_more_than_half_for_gt_known_too():
    # 4 x 5 found (30 inclusive pixels) in a true box of 60
    sample = hand_made({0: rectangle(0, 0, 4, 5)}, 0, [[0, 0, 9, 5]])
    values = run(LocalizationAccuracy('pixels', topk=(1,)), [sample])
    assert values['wsol/gt_known_pixels'] == 0
    assert values['wsol/top1_loc_pixels'] == 0
    assert values['wsol/gt_known_pixels_thr'] == 0.5


def test_a_config_changes_fields_of_a_protocol():
    given = dict(name='wsoleval', resize_mode='bicubic')
    protocol = get_protocol(given)
    sample = SampleView(hand_made({0: rectangle(1, 1, 2, 2)[:4, :4]}, 0, []))
    assert (protocol.name, len(given)) == ('wsoleval', 2)
    plain = sample.score_map(0, get_protocol('wsoleval'))
    assert np.abs(sample.score_map(0, protocol) - plain).max() > 0.01
