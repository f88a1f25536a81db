import numpy as np
import pytest

from mmscm.evaluation import PROTOCOLS, get_protocol


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


def test_names_are_keys():
    assert all(name == p.name for name, p in PROTOCOLS.items())
    assert {'tscam', 'scm', 'wsoleval'} <= set(PROTOCOLS)
