"""Soft ellipses and rectangles."""

import math

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.soft_shapes import shape_boxes, soft_mask

ELLIPSE = torch.tensor([[0.4, 0.5, 0.6, 0.2, 0.2]], dtype=torch.float64)
RECTANGLE = ELLIPSE[:, :4]
SIZE = 21, 31


def slow_mask(shape, slope):
    """The released formulas, a pixel at a time."""
    center_x, center_y, width, height, *angle = shape.tolist()
    mask = torch.zeros(SIZE, dtype=torch.float64)
    for row in range(SIZE[0]):
        for column in range(SIZE[1]):
            x = column / (SIZE[1] - 1) - center_x
            y = row / (SIZE[0] - 1) - center_y
            if angle:
                cosine = math.cos(math.pi * angle[0])
                sine = math.sin(math.pi * angle[0])
                one = (x * cosine + y * sine) ** 2 / (width / 2) ** 2
                two = (x * sine - y * cosine) ** 2 / (height / 2) ** 2
            else:
                one = abs(x / width + y / height)
                two = abs(x / width - y / height)
            value = math.atan(slope * (one + two) - slope)
            mask[row, column] = 1 - (0.5 + value / math.pi)
    return mask


@pytest.mark.parametrize('shape', [ELLIPSE, RECTANGLE])
def test_masks_are_those_of_a_loop_over_pixels(shape):
    assert_close(soft_mask(shape, SIZE, 7.0)[0], slow_mask(shape[0], 7.0))


@pytest.mark.parametrize('shape', [ELLIPSE, RECTANGLE])
def test_a_box_is_the_extent_of_what_is_inside(shape):
    mask = soft_mask(shape, (501, 501), 10.0)[0] > 0.5
    rows, columns = mask.nonzero().T / 500
    extent = [columns.min(), rows.min(), columns.max(), rows.max()]
    extent = torch.stack(extent).to(shape)
    assert_close(shape_boxes(shape)[0], extent, atol=0.005, rtol=0)


def test_boxes_of_shapes_on_paper():
    upright = torch.tensor([[0.5, 0.5, 0.4, 0.2, 0.5]])  # a quarter turn
    box = torch.tensor([[0.4, 0.3, 0.6, 0.7]])
    assert_close(shape_boxes(upright), box)
    beyond = torch.tensor([[0.9, 0.5, 0.4, 0.2]])
    box = torch.tensor([[0.7, 0.4, 1.0, 0.6]])
    assert_close(shape_boxes(beyond), box)


def test_half_is_on_the_edge_and_one_nearly_in_the_middle():
    mask = soft_mask(torch.tensor([[0.5, 0.5, 0.5, 0.5]]), (5, 5), 10.0)[0]
    assert_close(mask[2, 1], torch.tensor(0.5))
    assert mask[2, 2] > 0.96
    assert mask[0, 0] < 0.04


@pytest.mark.parametrize('numbers', [4, 5])
def test_a_shape_without_size_has_finite_gradients(numbers):
    shape = torch.zeros(1, numbers)
    shape[:, :2] = 0.5
    shape.requires_grad_()
    soft_mask(shape, (9, 9), 10.0).sum().backward()
    assert shape.grad.isfinite().all()
