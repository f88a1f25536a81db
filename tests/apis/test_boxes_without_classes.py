"""Inference with models that find boxes and know no classes."""

import numpy as np
import pytest
import torch

from mmscm import LocalizationInferencer, get_model

PHOTO = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)


@pytest.fixture(scope='module')
def inferencer():
    torch.manual_seed(0)
    return LocalizationInferencer(get_model('tokencut_deit-t_imagenette'))


def test_the_box_is_the_models_own_at_any_threshold(inferencer):
    (one,) = inferencer(PHOTO, progress=False)
    (two,) = inferencer(PHOTO, progress=False, cam_thr=0.9, return_maps=True)
    assert one['bboxes'].shape == (1, 4)
    np.testing.assert_array_equal(one['bboxes'], two['bboxes'])
    assert (one['bboxes'] <= [90, 60, 90, 60]).all()
    assert two['map'].shape == PHOTO.shape[:2]


def test_what_is_found_is_called_an_object(inferencer):
    (found,) = inferencer(PHOTO, progress=False)
    assert (found['class'], found['score']) == ('object', 1.0)
    assert len(found['topk']) == 1
    with pytest.raises(ValueError, match='`target`'):
        inferencer(PHOTO, target='dog', progress=False)


def test_ddt_says_that_it_needs_labels():
    ddt = get_model('ddt_efficientnet-lite0_imagenette')
    with pytest.raises(ValueError, match='images with labels'):
        LocalizationInferencer(ddt, cam_thr=0.2)(PHOTO, progress=False)
