import torch
from torch.testing import assert_close

from mmscm.functional.maps import SMALLEST, min_max_normalize, resize_maps


def test_normalisation_by_hand():
    found = min_max_normalize(torch.tensor([[[1.0, 2.0], [3.0, 5.0]]]))
    assert_close(found, torch.tensor([[[0.0, 0.25], [0.5, 1.0]]]))


def test_normalisation_ignores_scale_and_offset():
    maps = torch.rand(3, 4, 5)
    assert_close(min_max_normalize(7 * maps - 2), min_max_normalize(maps))


def test_constant_map_becomes_zeros_with_zero_gradient():
    maps = torch.full((2, 3, 3), 0.7, requires_grad=True)
    normalized = min_max_normalize(maps)
    normalized.sum().backward()
    assert not normalized.any()
    assert not maps.grad.any()


def test_resize_keeps_leading_axes_and_constant_values():
    resized = resize_maps(torch.full((2, 3, 4, 4), 0.5), (10, 12))
    assert_close(resized, torch.full((2, 3, 10, 12), 0.5))


def test_resize_is_bilinear_between_pixel_centres():
    resized = resize_maps(torch.tensor([[0.0, 1.0]]), (1, 4))
    assert_close(resized, torch.tensor([[0.0, 0.25, 0.75, 1.0]]))


def test_maps_that_span_less_than_the_smallest_number_are_constant():
    maps = torch.tensor([[[0.0, SMALLEST / 2]], [[0.0, 2 * SMALLEST]]])
    expected = torch.tensor([[[0.0, 0.0]], [[0.0, 1.0]]])
    assert_close(min_max_normalize(maps), expected)
