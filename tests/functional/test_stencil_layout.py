"""Stencil products in the flat layout stay within rows and images."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse
from mmscm.functional.flat_grid import FlatGrid
from mmscm.functional.grid import GridLaplacian
from mmscm.functional.stencil_rows import (
    couplings,
    laplacian_rows,
    largest_sum,
    multiply,
    powers,
    residual_weights,
)


def random_laplacian(batch=2, height=3, width=4):
    torch.manual_seed(0)
    planes = torch.randn(3, batch, height, width, dtype=torch.float64)
    planes[1, ..., -1] = planes[2, :, -1] = 0
    return GridLaplacian(planes)


def layout(laplacian):
    """The layout, and L in it with and without margins."""
    grid = FlatGrid(laplacian.planes.shape[1:])
    rows = laplacian_rows(grid, laplacian.planes)
    return grid, rows, grid.inside(rows)


def product(laplacian, maps):
    grid, _, weights = layout(laplacian)
    return multiply(grid, weights, grid.put(maps)).view_as(maps)


def dense_product(laplacian, maps):
    return (laplacian.dense() @ maps.flatten(1)[..., None]).view_as(maps)


def test_one_patch_reaches_its_neighbours_and_not_the_next_row_or_image():
    planes = torch.zeros(3, 2, 2, 2)
    planes[0] = 1
    planes[1, :, :, 0] = 2
    planes[2, :, 0] = 3
    maps = torch.zeros(2, 2, 2)
    maps[0, 0, 1] = maps[0, 1, 1] = 1  # ends of both rows of the first image
    found = product(GridLaplacian(planes), maps)
    assert_close(found[0], torch.tensor([[2.0, 4], [2, 4]]))
    assert found[1].count_nonzero() == 0


SIZES = [(3, 4), (1, 5), (5, 1), (1, 1), (2, 2)]


@pytest.mark.parametrize('size', SIZES)
def test_product_is_that_of_the_dense_matrix(size):
    laplacian = random_laplacian(2, *size)
    maps = torch.randn(2, *size, dtype=torch.float64)
    found = product(laplacian, maps)
    assert_close(found, dense_product(laplacian, maps))


@pytest.mark.parametrize('size', SIZES)
def test_powers_are_those_of_the_dense_matrix(size):
    laplacian = random_laplacian(2, *size)
    grid, rows, weights = layout(laplacian)
    residual = residual_weights(grid, rows, weights / 2)
    maps = torch.randn(2, *size, dtype=torch.float64)
    found = grid.take(powers(grid, residual, maps.flatten(), 3))
    for power in found:
        assert_close(power, maps)
        twice = dense_product(laplacian, dense_product(laplacian, maps))
        maps = maps - twice / 2


def test_images_have_their_own_factor():
    grid, rows, weights = layout(random_laplacian())
    found = grid.scaled(rows, torch.tensor([[1.0], [3.0]]))
    assert_close(found[:, :12], weights[:, :12])
    assert_close(found[:, 12:], 3 * weights[:, 12:])


def test_largest_sum_is_the_norm_of_the_dense_matrix():
    laplacian = random_laplacian()
    grid, rows, _ = layout(laplacian)
    wanted = torch.linalg.matrix_norm(laplacian.dense(), float('inf'))
    assert_close(largest_sum(grid, rows), wanted[:, None])


def test_couplings_are_entries_of_the_outer_products():
    grid, _, _ = layout(random_laplacian(1, 2, 2))
    rows, cols = torch.randn(2, 3, 1, 2, 2)
    outer = torch.einsum('ki,kj->ij', rows.flatten(1), cols.flatten(1))
    both = outer + outer.T
    own, right, down = couplings(grid, grid.put(rows), grid.put(cols))[:, 0]
    assert_close(own.flatten(), outer.diagonal())
    assert_close(right[:, 0], torch.stack([both[0, 1], both[2, 3]]))
    assert_close(down[0], torch.stack([both[0, 2], both[1, 3]]))


def test_images_of_a_batch_do_not_mix():
    laplacian = random_laplacian()
    maps = torch.rand(2, 3, 4, dtype=torch.float64)
    together = diffuse(maps, laplacian, 3, 0.01)
    for i in range(2):
        alone = GridLaplacian(laplacian.planes[:, i : i + 1])
        assert_close(
            diffuse(maps[i : i + 1], alone, 3, 0.01), together[i : i + 1]
        )
