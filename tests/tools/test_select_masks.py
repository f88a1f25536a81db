import numpy as np
import pytest
import torch
from select_masks import best_mask
from tool_runs import run_tool


@pytest.fixture
def run(tmp_path):
    (tmp_path / 'maps' / 'a').mkdir(parents=True)
    (tmp_path / 'masks' / 'a').mkdir(parents=True)
    score_map = np.array([[0.0, 1.0], [0.0, 0.0]])
    np.save(tmp_path / 'maps' / 'a' / 'x.npy', score_map)

    def tool():
        folders = [tmp_path / name for name in ('maps', 'masks', 'out')]
        run_tool('analysis/select_masks.py', *folders)
        return np.load(tmp_path / 'out' / 'a' / 'x.npy')

    return tool


def test_the_best_mask_is_written_as_a_map(run, tmp_path, capsys):
    masks = np.zeros((2, 8, 8), np.uint8)
    masks[0, 4:, 4:] = 1
    masks[1, :4, 4:] = 1
    np.savez(tmp_path / 'masks' / 'a' / 'x.npz', masks)
    np.testing.assert_array_equal(run(), masks[1].astype(np.float32))
    said = '1 images, mean IoU of mask and map 1.000'
    assert said in capsys.readouterr().out


def test_an_image_without_masks_is_named(run):
    with pytest.raises(FileNotFoundError, match=r'a/x\.npy'):
        run()


MAP = torch.tensor([[0.0, 0.1, 0.0], [0.0, 0.9, 1.0]])


def planes(*cells):
    """A mask of 8 x 8 pixels a cell for every list of cells."""
    masks = torch.zeros(len(cells), 2, 3, dtype=torch.bool)
    for mask, chosen in zip(masks, cells, strict=True):
        for row, column in chosen:
            mask[row, column] = True
    return masks.repeat_interleave(8, 1).repeat_interleave(8, 2)


NESTED = [(1, 1)], [(1, 1), (1, 2)], [(0, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize(
    ('cells', 'score_map', 'best'),
    [
        (NESTED, MAP, (1, 1.0)),
        (([(1, 2)], [(1, 1)]), MAP, (0, 0.5)),  # the first of equals
        (([], [(0, 0)]), torch.ones(2, 3), (0, 0.0)),  # constant: no cell
    ],
)
def test_the_mask_that_covers_the_map_wins(cells, score_map, best):
    assert best_mask(planes(*cells), score_map) == best


def test_one_mask_without_a_first_axis_is_refused():
    with pytest.raises(ValueError, match='shape'):
        best_mask(torch.ones(8, 8) > 0, MAP)
