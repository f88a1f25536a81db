"""DDT as a model and a hook: axes of classes, heat, boxes."""

import numpy as np
import pytest
import torch
from method_vectors import vectors
from mmengine.dataset import BaseDataset
from mmpretrain.structures import DataSample
from small_models import samples
from torch import nn
from torch.testing import assert_close

from mmscm.engine.hooks import FitDDTHook
from mmscm.models import DDTLocalizer

FEATURES = vectors('ddt_A')['features_nhwc'].movedim(-1, 1)  # (6, 16, 14, 14)


class Pixels(nn.Module):
    """A backbone whose features are the image itself."""

    def forward(self, images):
        return (images,)


class Images(BaseDataset):
    """Features as images, of classes 0 and 1 in turn."""

    def load_data_list(self):
        return [dict(gt_label=i % 2, index=i) for i in range(len(FEATURES))]

    def prepare_data(self, index):
        return dict(inputs=FEATURES[index], data_samples=DataSample())


@pytest.fixture
def model():
    config = dict(type='ResNet', depth=18)
    model = DDTLocalizer(config, num_classes=3, in_channels=16).double()
    model.backbone = Pixels()
    return model


def test_heat_and_boxes_are_the_released_ones(model):
    known = vectors('ddt_A')
    model.means[1], model.axes[1] = known['mean'], known['component'][0]
    found = model.predict(FEATURES, samples(*[1] * 6))
    wanted = known['heatmaps'], known['boxes_xywh_fraction']
    for sample, heat, box in zip(found, *wanted, strict=True):
        (own,) = sample.localization_maps
        assert_close(own, heat.relu(), rtol=1e-9, atol=1e-9)
        box = torch.cat([box[:2], box[:2] + box[2:]]) * 14
        assert_close(sample.pred_bboxes[0].double(), box, rtol=1e-6, atol=0)


def test_each_class_has_the_axis_of_its_own_images(model):
    FitDDTHook(batch_size=2, num_workers=0).fit(model, Images())
    for label in (0, 1):
        features = FEATURES[label::2].movedim(1, -1).reshape(-1, 16).numpy()
        assert_close(model.means[label].numpy(), features.mean(0))
        axis = np.linalg.svd(features - features.mean(0))[2][0]
        cosine = abs(axis @ model.axes[label].numpy())
        assert cosine == pytest.approx(1)


def test_a_class_without_images_is_refused(model):
    FitDDTHook(num_workers=0).fit(model, Images())
    with pytest.raises(ValueError, match=r'axes, but got \[2\]'):
        model.predict(FEATURES[:1], samples(2))
    model.predict(FEATURES[:1], samples(1))
    model.forget(2)
    with pytest.raises(ValueError, match='FitDDTHook'):
        model.predict(FEATURES[:1], samples(1))
