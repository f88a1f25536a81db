"""Pictures of results, drawn by hand and by the host's hook."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmpretrain.engine import VisualizationHook
from mmpretrain.structures import DataSample

from mmscm.visualization import LocalizationVisualizer
from mmscm.visualization.panels import Boxes, blend, panel

IMAGE = np.full((64, 64, 3), (10, 20, 200), np.uint8)  # red, as BGR


def result(**metainfo):
    """Class 2 of 3 on the right half of an 8 x 8 grid."""
    plane = torch.zeros(8, 8)
    plane[:, 4:] = 1
    sample = DataSample(metainfo=metainfo)
    sample.set_pred_score(torch.tensor([0.1, 0.2, 0.7]))
    sample.set_pred_label(2).set_gt_label(1)
    sample.set_field(plane, 'attention_map')
    sample.set_field(plane[None], 'semantic_maps')
    sample.set_field(plane[None], 'localization_maps')
    sample.set_field(torch.tensor([[32.0, 0, 63, 63]]), 'gt_bboxes')
    return sample


@pytest.mark.parametrize(
    ('missing', 'panels'),
    [([], 4), (['gt_label', 'gt_bboxes'], 4), (['attention_map'], 2)],
)
def test_what_a_sample_has_is_drawn_in_its_colours(missing, panels, tmp_path):
    sample = result()
    for name in missing:
        delattr(sample, name)
    path = tmp_path / 'sub' / 'picture.png'
    artist = LocalizationVisualizer(side=64)
    picture = artist.visualize_cls(IMAGE, sample, out_file=str(path))
    assert picture.shape == (64 + 22, panels * 64, 3)
    assert picture[20, 10].tolist() == [200, 20, 10]
    assert np.array_equal(cv2.imread(str(path))[..., ::-1], picture)


def test_box_follows_the_threshold():
    score_map = torch.zeros(8, 8)
    score_map[2:4, 2:4] = 0.5
    score_map[2, 2] = 1
    wide = LocalizationVisualizer(cam_thr=0.1).box(score_map, (8, 8))
    narrow = LocalizationVisualizer(cam_thr=0.9).box(score_map, (8, 8))
    assert wide.tolist() == [[2, 2, 4, 4]]
    assert narrow.tolist() == [[2, 2, 3, 3]]


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


def local(folder):
    backends = [dict(type='LocalVisBackend')]
    return dict(vis_backends=backends, save_dir=str(folder))


def validate(hook, names, batch=2):
    """Images of these names, in epoch 3."""
    runner = SimpleNamespace(train_loop=None, iter=3)
    for index, start in enumerate(range(0, len(names), batch)):
        paths = [f'photos/{name}' for name in names[start : start + batch]]
        inputs = torch.zeros(len(paths), 3, 64, 64, dtype=torch.uint8)
        samples = [result(img_path=path) for path in paths]
        hook.after_val_iter(runner, index, dict(inputs=inputs), samples)


def test_there_are_as_many_pictures_as_images(tmp_path):
    """Neither the backends write one again, nor equal names over another."""
    LocalizationVisualizer.get_instance('once', **local(tmp_path))
    out_dir = tmp_path / 'shown'
    names = ['tench/a.jpg', 'church/a.jpg', 'church/a.png', 'x/tench/a.jpg']
    validate(VisualizationHook(True, interval=1, out_dir=str(out_dir)), names)
    pictures = [*tmp_path.rglob('*.png'), *tmp_path.rglob('*.jpg')]
    assert {path.relative_to(out_dir).as_posix() for path in pictures} == {
        f'photos/{name}_3.png' for name in names
    }
    assert len(pictures) == 4


def test_a_path_from_elsewhere_stays_below_the_folder(tmp_path):
    LocalizationVisualizer.get_instance('elsewhere')
    out_dir = tmp_path / 'shown'
    hook = VisualizationHook(True, interval=1, out_dir=str(out_dir))
    validate(hook, ['../../../a.jpg', str(tmp_path / 'b.jpg')])
    assert len(list(out_dir.rglob('*.png'))) == 2


def test_without_a_folder_pictures_go_to_the_backends(tmp_path):
    LocalizationVisualizer.get_instance('backends', **local(tmp_path))
    names = [f'{i}.jpg' for i in range(6)]
    validate(VisualizationHook(True, interval=4), names)
    names = sorted(path.name for path in tmp_path.rglob('*.png'))
    assert names == ['photos_0.jpg_3.png', 'photos_4.jpg_3.png']


def test_images_without_a_path_are_pictures_by_their_number(tmp_path):
    LocalizationVisualizer.get_instance('drawn')
    hook = VisualizationHook(True, interval=1, out_dir=str(tmp_path))
    runner = SimpleNamespace(train_loop=None)
    for index, numbers in enumerate([(0, 1), (2,)]):
        inputs = torch.zeros(len(numbers), 3, 64, 64, dtype=torch.uint8)
        samples = [result(sample_idx=number) for number in numbers]
        hook.after_test_iter(runner, index, dict(inputs=inputs), samples)
    names = sorted(path.name for path in tmp_path.glob('*.png'))
    assert names == ['0_0.png', '1_0.png', '2_0.png']
