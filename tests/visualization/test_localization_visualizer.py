import cv2
import numpy as np
import pytest
import torch
from mmpretrain.structures import DataSample

from mmscm.visualization import LocalizationVisualizer
from mmscm.visualization.panels import Boxes, blend, panel


def result(**fields):
    """Class 2 of 3 on the right half of an 8 x 8 grid."""
    plane = torch.zeros(8, 8)
    plane[:, 4:] = 1
    sample = DataSample().set_pred_score(torch.tensor([0.1, 0.2, 0.7]))
    sample.set_pred_label(2).set_gt_label(1)
    sample.set_field(plane, 'attention_map')
    sample.set_field(plane[None], 'semantic_maps')
    sample.set_field(plane[None], 'localization_maps')
    sample.set_field(torch.tensor([[32.0, 0, 63, 63]]), 'gt_bboxes')
    return sample


IMAGE = np.full((64, 64, 3), (10, 20, 200), np.uint8)  # red, as BGR


def test_picture_has_four_panels_with_captions():
    picture = LocalizationVisualizer(side=100).visualize_cls(IMAGE, result())
    assert picture.shape == (122, 400, 3)
    assert picture.dtype == np.uint8


def test_a_model_without_attention_has_two_panels():
    sample = result()
    del sample.attention_map
    picture = LocalizationVisualizer(side=100).visualize_cls(IMAGE, sample)
    assert picture.shape == (122, 200, 3)


def test_bgr_input_is_shown_in_its_true_colours():
    picture = LocalizationVisualizer(side=64).visualize_cls(IMAGE, result())
    assert picture[20, 10].tolist() == [200, 20, 10]


def test_box_follows_the_threshold():
    score_map = torch.zeros(8, 8)
    score_map[2:4, 2:4] = 0.5
    score_map[2, 2] = 1
    wide = LocalizationVisualizer(cam_thr=0.1).box(score_map, (8, 8))
    narrow = LocalizationVisualizer(cam_thr=0.9).box(score_map, (8, 8))
    assert wide.tolist() == [[2, 2, 4, 4]]
    assert narrow.tolist() == [[2, 2, 3, 3]]


def test_picture_is_written_in_colour(tmp_path):
    path = tmp_path / 'sub' / 'picture.png'
    drawn = LocalizationVisualizer().visualize_cls(
        IMAGE, result(), out_file=str(path)
    )
    written = cv2.imread(str(path))[..., ::-1]
    assert np.array_equal(written, drawn)


def test_samples_without_ground_truth_are_drawn():
    sample = result()
    del sample.gt_label
    del sample.gt_bboxes
    picture = LocalizationVisualizer().visualize_cls(IMAGE, sample)
    assert picture.shape == (246, 896, 3)


def test_boxes_scale_with_the_panel():
    boxes = Boxes(true=np.array([[4.0, 2, 8, 6]])).scaled((2.0, 3.0))
    assert boxes.true.tolist() == [[8, 6, 16, 18]]


def test_long_captions_are_cut_to_the_panel():
    drawn = panel(IMAGE, 'a very long class name ' * 10, side=64)
    assert drawn.shape == (86, 64, 3)
    assert (drawn[64:, -3:] == 255).all()


def test_a_map_covers_the_image_where_it_is_high():
    drawn = blend(IMAGE, np.array([[0.0, 5.0]]))
    assert (drawn[:, :16] == IMAGE[:, :16]).all()
    assert (drawn[:, 48:] != IMAGE[:, 48:]).any(-1).all()


def test_a_threshold_is_a_fraction():
    with pytest.raises(ValueError, match=r'in \[0, 1\], fractions of the'):
        LocalizationVisualizer(cam_thr=20).visualize_cls(IMAGE, result())
