"""What a pixel does to its component, by hand and by counting."""

import numpy as np
import pytest

from mmscm.functional.box_kernels import AREA_BITS, GROWS
from mmscm.functional.box_quads import eight_neighbours, four_neighbours

EIGHT = eight_neighbours(np.arange(8))
FOUR = four_neighbours(np.arange(8))
N, NE, E, SE, S, SW, W, NW = (1 << i for i in range(8))


@pytest.mark.parametrize(
    ('mask', 'eight', 'four'),
    [
        (0, 0, 0),
        (N | E, 1, 2),  # they touch at a corner
        (N | NE | E, 1, 1),
        (N | S, 2, 2),
        (NE | SW, 2, 0),  # corners are no neighbours of four
        (N | E | S | W, 1, 4),
        (NE | SE | SW | NW, 4, 0),
        (255, 1, 1),
    ],
)
def test_groups_of_neighbours(mask, eight, four):
    assert EIGHT.kinds[mask] % GROWS == eight
    assert FOUR.kinds[mask] % GROWS == four


@pytest.mark.parametrize(
    ('mask', 'eight', 'four'),
    [
        (0, True, True),
        (W, True, True),  # nothing yet level with it to the right
        (NE | E | SE, True, True),
        (N | E, False, False),  # its column and its row are in the box
        (N | S, False, False),
        (NE | SW, False, True),  # corners are no neighbours of four
    ],
)
def test_pixels_that_may_lie_outside_the_box(mask, eight, four):
    assert (EIGHT.kinds[mask] >= GROWS) == eight
    assert (FOUR.kinds[mask] >= GROWS) == four


@pytest.mark.parametrize('table', [EIGHT, FOUR])
def test_a_group_is_named_by_one_of_its_pixels(table):
    for mask in range(256):
        chosen = table.groups[mask, : table.kinds[mask] % GROWS]
        assert all(mask >> i & 1 for i in chosen)


@pytest.mark.parametrize(
    ('mask', 'area', 'euler'),
    [
        (0, 0, 4),  # four quads become a single pixel
        (255, 4, 4),  # a hole of one pixel is filled
        (W, 0, 0),
        (N | NE | E, 1, 0),  # a square
        (N | S, 0, -4),  # two components become one
    ],
)
def test_gains_of_doubled_area_and_fourfold_euler_number(mask, area, euler):
    assert EIGHT.gains[mask] == area + (euler << AREA_BITS)
