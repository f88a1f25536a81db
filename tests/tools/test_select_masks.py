import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis' / 'select_masks.py'


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / 'maps' / 'a').mkdir(parents=True)
    (tmp_path / 'masks' / 'a').mkdir(parents=True)
    score_map = np.array([[0.0, 1.0], [0.0, 0.0]])
    np.save(tmp_path / 'maps' / 'a' / 'x.npy', score_map)

    def tool():
        folders = [str(tmp_path / f) for f in ('maps', 'masks', 'out')]
        monkeypatch.setattr(sys, 'argv', [str(TOOL), *folders])
        runpy.run_path(str(TOOL), run_name='__main__')
        return np.load(tmp_path / 'out' / 'a' / 'x.npy')

    return tool


def test_the_best_mask_is_written_as_a_map(run, tmp_path, capsys):
    masks = np.zeros((2, 8, 8), np.uint8)
    masks[0, 4:, 4:] = 1
    masks[1, :4, 4:] = 1
    np.savez(tmp_path / 'masks' / 'a' / 'x.npz', masks)
    np.testing.assert_array_equal(run(), masks[1].astype(np.float32))
    assert (
        '1 images, mean IoU of mask and map 1.000' in capsys.readouterr().out
    )


def test_an_image_without_masks_is_named(run):
    with pytest.raises(FileNotFoundError, match=r'a/x\.npy'):
        run()
