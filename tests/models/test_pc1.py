"""PC1 as a way to localize with a linear head."""

import torch
from small_models import RESNET, WIDTH, build, samples
from torch.testing import assert_close

from mmscm.functional.principal_axis import pc1_maps


@torch.no_grad()
def test_maps_are_those_of_the_last_weights_and_their_input():
    head = dict(in_channels=WIDTH, hidden=(8,), last_kernel=3)
    model = build(RESNET, head, localize_with='pc1').eval()
    images = torch.randn(2, 3, 64, 80)
    hidden = model.head.embed(model.backbone(images)[0])
    weights = model.head.conv.weight[:, :, 1, 1]  # the middle of 3 x 3
    predictions = model.predict(images, samples(1, 1))
    for sample, features in zip(predictions, hidden, strict=True):
        maps = pc1_maps(features, weights[sample.map_labels])
        assert_close(sample.localization_maps, maps)
