"""GC-Net: a shape that holds what a frozen classifier needs, and little."""

from __future__ import annotations

import math
from typing import Any

import torch
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
from mmscm.functional.soft_shapes import shape_boxes, soft_mask
from mmscm.registry import MODELS

from .box_localizer import BoxLocalizer, image_size

NUMBERS = dict(ellipse=5, rectangle=4)
SLOPE = 10.0  # of the masks' edges when the training begins
AREA_WEIGHT = 2.5


@MODELS.register_module()
class GeometryLocalizer(BoxLocalizer):
    """Geometry-constrained network (Lu et al., ECCV 2020), closed form.

    Numbers of a shape are regressed from the image, as a box is in PSOL, but
    without boxes to learn from. A frozen classifier is to find the class in
    the image under the shape and no class in the rest, and the shape is to
    be small: CE(x m) + log C - H(x (1 - m)) + 2.5 mean(w h).

    Differs from the released code: numbers come from the pooled features
    by one linear layer, there VGG's own linear layers lie between.

    Args:
        backbone (dict): Its last feature map is used.
        in_channels (int): D, its channels.
        classifier (dict): A model of mmpretrain or mmscm.WSOLClassifier with
            its weights.
        shape (str): 'ellipse' of any angle, or upright 'rectangle'.
        **kwargs: Those of mmpretrain's ``ImageClassifier``.
    """

    def __init__(
        self,
        backbone: dict,
        in_channels: int,
        classifier: dict,
        shape: str = 'ellipse',
        **kwargs: Any,
    ) -> None:
        if shape not in NUMBERS:
            raise ValueError(
                f'Expected `shape` of {[*NUMBERS]}, but got {shape!r}.'
            )
        if not classifier:
            raise ValueError(
                'Expected a `classifier` with its weights: what it finds '
                'under a shape is all that the shape learns from.'
            )
        super().__init__(backbone, in_channels, classifier, **kwargs)
        self.regressor = nn.Sequential(
            nn.Linear(in_channels, NUMBERS[shape]), nn.Sigmoid()
        )
        self.slope = nn.Parameter(torch.tensor(SLOPE))

    def shapes(self, inputs: Tensor) -> Tensor:
        """Centre, sides and angle as :func:`soft_mask` takes them."""
        shapes = at_least_float32(self.extract_feat(inputs))
        # the angle is the last of five
        return torch.cat([shapes[:, :4], shapes[:, 4:] - 0.5], 1)

    def loss(
        self, inputs: Tensor, data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """The three terms, of images (B, 3, H_img, W_img) with ``gt_label``.

        0 is what stands outside of a shape.
        """
        labels = torch.cat([sample.gt_label for sample in data_samples])
        shapes = self.shapes(inputs)
        mask = soft_mask(shapes, inputs.shape[-2:], self.slope)[:, None]
        inside, outside = (
            at_least_float32(self.head(self.classifier.extract_feat(images)))
            for images in (inputs * mask, inputs * (1 - mask))
        )
        scores = outside.log_softmax(1)
        entropy = -(scores.exp() * scores).sum(1).mean()
        return dict(
            loss_object=nn.functional.cross_entropy(inside, labels),
            loss_background=math.log(scores.shape[1]) - entropy,
            loss_area=AREA_WEIGHT * shapes[:, 2:4].prod(1).mean(),
        )

    def localize(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes around the shapes, (B, 4), and the shapes as maps."""
        shapes = self.shapes(inputs)
        masks = soft_mask(shapes, inputs.shape[-2:], self.slope)
        return shape_boxes(shapes) * image_size(inputs), masks
