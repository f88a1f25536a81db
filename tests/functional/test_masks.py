import pytest
import torch

from mmscm.functional.masks import best_mask

MAP = torch.tensor([[0.0, 0.1, 0.0], [0.0, 0.9, 1.0]])


def planes(*cells):
    """A mask of 8 x 8 pixels a cell for every list of cells."""
    masks = torch.zeros(len(cells), 2, 3, dtype=torch.bool)
    for mask, chosen in zip(masks, cells, strict=True):
        for row, column in chosen:
            mask[row, column] = True
    return masks.repeat_interleave(8, 1).repeat_interleave(8, 2)


def test_the_mask_that_covers_the_map_wins():
    masks = planes([(1, 1)], [(1, 1), (1, 2)], [(0, 0), (1, 1), (1, 2)])
    assert best_mask(masks, MAP) == (1, 1.0)


def test_the_first_of_equal_masks_wins():
    assert best_mask(planes([(1, 2)], [(1, 1)]), MAP) == (0, 0.5)


def test_an_empty_mask_fits_a_constant_map_no_better_than_others():
    assert best_mask(planes([], [(0, 0)]), torch.ones(2, 3)) == (0, 0.0)


def test_one_mask_without_a_first_axis_is_refused():
    with pytest.raises(ValueError, match='shape'):
        best_mask(torch.ones(8, 8) > 0, MAP)
