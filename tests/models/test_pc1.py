"""PC1 as a way to localize with a linear head."""

import torch
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.functional.principal_axis import pc1_maps
from mmscm.registry import MODELS


@torch.no_grad()
def test_maps_are_those_of_the_last_weights_and_their_input():
    torch.manual_seed(0)
    head = dict(
        type='mmscm.CAMHead',
        in_channels=512,
        num_classes=3,
        hidden=(8,),
        last_kernel=3,
    )
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(
            dict(
                type='mmscm.WSOLClassifier',
                backbone=dict(type='ResNet', depth=18),
                head=head,
                localize_with='pc1',
            )
        ).eval()
    images = torch.randn(2, 3, 128, 160)
    samples = [DataSample().set_gt_label(1) for _ in images]
    hidden = model.head.embed(model.backbone(images)[0])
    weights = model.head.conv.weight[:, :, 1, 1]  # the middle of 3 x 3
    predictions = model.predict(images, samples)
    for sample, features in zip(predictions, hidden, strict=True):
        maps = pc1_maps(features, weights[sample.map_labels])
        assert_close(sample.localization_maps, maps)
