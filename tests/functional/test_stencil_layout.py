"""Stencil products in the flat layout stay within rows and images."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse
from mmscm.functional.flat_grid import FlatGrid
from mmscm.functional.grid import GridLaplacian


def random_laplacian(batch=2, height=3, width=4):
    torch.manual_seed(0)
    return GridLaplacian(
        torch.randn(batch, height, width, dtype=torch.float64),
        torch.randn(batch, height, width - 1, dtype=torch.float64),
        torch.randn(batch, height - 1, width, dtype=torch.float64),
    )


def product(laplacian, maps):
    grid = FlatGrid(*laplacian)
    return grid.take(grid.product(grid.put(maps)))


def test_one_patch_reaches_its_neighbours_and_not_the_next_row_or_image():
    ones = torch.ones(2, 2, 2)
    laplacian = GridLaplacian(ones, ones[..., :1] * 2, ones[:, :1] * 3)
    maps = torch.zeros(2, 2, 2)
    maps[0, 0, 1] = maps[0, 1, 1] = 1  # ends of both rows of the first image
    wanted = torch.tensor([[2.0, 4], [2, 4]])
    assert_close(product(laplacian, maps)[0], wanted)
    assert product(laplacian, maps)[1].count_nonzero() == 0


@pytest.mark.parametrize('size', [(3, 4), (1, 5), (5, 1), (1, 1)])
def test_product_is_that_of_the_dense_matrix(size):
    laplacian = random_laplacian(2, *size)
    maps = torch.randn(2, *size, dtype=torch.float64)
    wanted = laplacian.dense() @ maps.flatten(1)[..., None]
    assert_close(product(laplacian, maps), wanted.view_as(maps))


def test_scaled_matrix_leaves_the_first_as_it_is():
    laplacian = random_laplacian()
    grid = FlatGrid(*laplacian)
    vector = grid.put(laplacian.diagonal)
    before = grid.product(vector)
    assert_close(grid.scaled(0.5).product(vector), before / 2)
    assert_close(grid.product(vector), before)


def test_images_of_a_batch_do_not_mix():
    laplacian = random_laplacian()
    maps = torch.rand(2, 3, 4, dtype=torch.float64)
    alone = [
        GridLaplacian(*(part[i : i + 1] for part in laplacian))
        for i in range(2)
    ]
    together = diffuse(maps, laplacian, 3, 0.01)
    for i, matrix in enumerate(alone):
        assert_close(
            diffuse(maps[i : i + 1], matrix, 3, 0.01), together[i : i + 1]
        )
