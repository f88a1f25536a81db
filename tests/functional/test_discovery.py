"""LOST, TokenCut and the box of a component."""

import numpy as np
import pytest
import torch
from method_vectors import vectors
from torch.testing import assert_close

from mmscm.functional.discovery import component_box, lost, token_cut

GRIDS = ['14x14', '10x17']


def released(grid):
    """Keys without the class token, the grid and the released results."""
    known = vectors(f'lost_tokencut_{grid}_A')
    return known['features'][0, 1:], tuple(known['grid'].tolist()), known


def pixel_box(found, known):
    """Box in pixels, inside the image."""
    box = component_box(found.mask.numpy(), found.seed)
    height, width = known['image_size']
    sides = torch.stack([width, height, width, height])
    return torch.minimum(torch.tensor(box) * known['patch'], sides)


# 10 x 17 with k = 100 has a tie at the hundredth patch, which the released
# sort breaks at random
@pytest.mark.parametrize(
    ('grid', 'k'), [('14x14', 20), ('14x14', 100), ('10x17', 20)]
)
def test_lost_is_the_released_one(grid, k):
    keys, size, known = released(grid)
    found = lost(keys, size, k)
    assert found.seed == known[f'lost_seed_k{k}']
    assert_close(pixel_box(found, known), known[f'lost_box_k{k}'])
    score = known[f'lost_map_k{k}']
    assert_close(found.score, score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('tau', [0.0, 0.05, 0.2])
@pytest.mark.parametrize('grid', GRIDS)
def test_token_cut_is_the_released_one(grid, tau):
    keys, size, known = released(grid)
    found = token_cut(keys, size, tau)
    assert found.seed == known[f'tokencut_seed_tau{tau}']
    sides = known[f'tokencut_wsol_bipartition_tau{tau}']
    assert_close(found.mask, sides.bool())
    assert_close(pixel_box(found, known), known[f'tokencut_box_tau{tau}'])
    vector = known[f'tokencut_eigenvector_tau{tau}']
    assert_close(found.score, vector, rtol=1e-9, atol=1e-12)


def planted(rows, columns, grid=(6, 9)):
    """Keys of a rectangle that is unlike what surrounds it."""
    keys = torch.zeros(*grid, 2, dtype=torch.float64)
    keys[..., 0] = 1.0
    keys[rows, columns] = torch.tensor([-0.5, 2.0], dtype=torch.float64)
    return keys.flatten(0, 1), grid


@pytest.mark.parametrize(
    'method', [lambda k, g: lost(k, g, 100), lambda k, g: token_cut(k, g, 0.2)]
)
def test_a_planted_object_is_found(method):
    found = method(*planted(slice(1, 3), slice(4, 8)))
    box = component_box(found.mask.numpy(), found.seed)
    assert box == (4, 1, 8, 3)


def test_one_patch_that_is_like_itself_alone_is_its_own_object():
    found = lost(torch.eye(12), (3, 4), 5)
    assert (found.seed, int(found.mask.sum())) == (0, 1)


def test_an_image_of_equal_patches_has_a_box_all_the_same():
    keys = torch.ones(12, 2)
    assert component_box(lost(keys, (3, 4), 5).mask.numpy(), 0) == (0, 0, 4, 3)
    assert torch.isfinite(token_cut(keys, (3, 4), 0.2).score).all()


DIAGONAL = np.eye(3, dtype=bool)
PARTS = np.array([[1, 0, 1, 1], [0, 0, 0, 1]], dtype=bool)


@pytest.mark.parametrize(
    ('mask', 'settings', 'box'),
    [
        (DIAGONAL, dict(seed=4), (1, 1, 2, 2)),
        (DIAGONAL, dict(seed=4, connectivity=8), (0, 0, 3, 3)),
        (PARTS, {}, (2, 0, 4, 2)),  # of most cells
        (np.zeros((2, 3), bool), {}, None),
    ],
)
def test_boxes_of_hand_made_masks(mask, settings, box):
    assert component_box(mask, **settings) == box
