"""Pseudo masks are stored by the image's name, loaded and moved with it."""

import cv2
import numpy as np
import pytest

from mmscm.datasets import LoadPseudoMask, RandomCrop, RandomFlip
from mmscm.datasets.pseudo_masks import pseudo_mask_path, write_pseudo_mask
from mmscm.evaluation.sample import SampleView

MASK = np.array([[0, 1], [255, 1]], np.uint8)


def loaded(folder, **sample):
    sample = dict(img_path='any/bird/a.jpg', img_shape=(4, 4)) | sample
    return LoadPseudoMask(str(folder))(sample)


def test_a_mask_comes_back_at_the_size_of_the_image(tmp_path):
    write_pseudo_mask(tmp_path / 'bird' / 'a.png', MASK)
    found = loaded(tmp_path)['pseudo_mask']
    assert (found == MASK.repeat(2, 0).repeat(2, 1)).all()
    viewed = cv2.imread(str(tmp_path / 'bird' / 'a.png'), cv2.IMREAD_GRAYSCALE)
    assert viewed.tolist() == [[0, 255], [128, 255]]


def test_images_that_are_no_files_go_by_their_number(tmp_path):
    assert pseudo_mask_path(tmp_path, dict(sample_idx=7)).name == '7.png'
    write_pseudo_mask(tmp_path / '7.png', MASK)
    found = loaded(tmp_path, img_path=None, sample_idx=7)
    assert (found['pseudo_mask'][::2, ::2] == MASK).all()


def test_crops_and_flips_move_the_mask_with_the_pixels():
    pixels = np.arange(36, dtype=np.uint8).reshape(6, 6)
    results = dict(img=pixels[..., None].repeat(3, 2), img_shape=(6, 6))
    results['pseudo_mask'] = pixels.copy()
    moved = RandomFlip(prob=1.0)(RandomCrop(4)(results))
    assert moved['pseudo_mask'].shape == (4, 4)
    assert (moved['pseudo_mask'] == moved['img'][..., 0]).all()


def test_no_metric_takes_a_pseudo_mask_for_the_truth():
    sample = dict(pseudo_mask=MASK, img_shape=(2, 2), img_path='a.jpg')
    with pytest.raises(ValueError, match='`gt_mask`'):
        _ = SampleView(sample).gt_mask


def test_a_missing_mask_and_another_picture_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'bird/a.png.*pseudo_masks'):
        loaded(tmp_path)
    (tmp_path / 'bird').mkdir()
    cv2.imwrite(str(tmp_path / 'bird' / 'a.png'), np.full((2, 2), 7, np.uint8))
    with pytest.raises(ValueError, match=r'bird/a.png.*\[0, 128, 255\].*7'):
        loaded(tmp_path)
