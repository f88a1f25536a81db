"""PSOL: a box regressed from the image, learnt from those of other methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmpretrain.models.classifiers import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.registry import MODELS

HIDDEN = 512  # channels
LOSS_WEIGHT = 50.0


@MODELS.register_module()
class BoxLocalizer(ImageClassifier):
    """Localizes the object of an image, whatever its class (PSOL).

    Zhang et al., "Rethinking the Route Towards Weakly Supervised Object
    Localization", 2020: (x, y, w, h) = sigmoid(W_2 relu(W_1 GAP(F))) of the
    feature map F, corner and sides in fractions of the image; the loss is 50
    times the mean squared difference from a pseudo box.

    Args:
        backbone (dict): Its last feature map is used.
        in_channels (int): D, its channels.
        classifier (dict, optional): A model of mmpretrain or
            ``mmscm.WSOLClassifier``, with weights by its ``init_cfg``. It
            gives labels at test and is not trained; it gets the images that
            the backbone gets.
        **kwargs: Those of mmpretrain's ``ImageClassifier``.
    """

    def __init__(
        self,
        backbone: dict,
        in_channels: int,
        classifier: dict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone=backbone, **kwargs)
        self.regressor = nn.Sequential(
            nn.Linear(in_channels, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, 4),
            nn.Sigmoid(),
        )
        self.classifier = classifier and MODELS.build(classifier)
        if classifier:
            self.classifier.requires_grad_(False)
            # no part of its own: the checkpoint would have it twice
            self.__dict__['head'] = self.classifier.head

    def train(self, mode: bool = True) -> BoxLocalizer:
        """Leave the classifier in evaluation mode."""
        super().train(mode)
        if self.classifier:
            self.classifier.eval()
        return self

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Boxes x, y, w, h in fractions of the image, shape (B, 4)."""
        features = self.backbone(inputs)
        # others return the maps of some stages
        attends = getattr(self.backbone, 'returns_attention', False)
        features = features[0 if attends else -1]
        return self.regressor(features.mean((-2, -1)))

    def loss(
        self, inputs: Tensor, data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """Distance from the pseudo boxes.

        Of images (B, 3, H_img, W_img) and samples with ``pseudo_bboxes`` xyxy
        in pixels, shape (M, 4); the first one is learnt.
        """
        boxes = torch.stack([_pseudo_box(sample) for sample in data_samples])
        corners, ends = (boxes.to(inputs) / image_size(inputs)).chunk(2, dim=1)
        targets = torch.cat([corners, ends - corners], dim=1)
        found = self.extract_feat(inputs)
        return dict(loss=LOSS_WEIGHT * F.mse_loss(found, targets))

    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        labels: Sequence[int] = (),
    ) -> list[DataSample]:
        """Localize, and classify if there is a classifier.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).
            data_samples (list[DataSample], optional): Filled in with
                ``pred_bboxes``, one box xyxy in pixels that ends at the
                border, float32, shape (1, 4), and as ``localization_maps`` 1
                in it and 0 elsewhere, shape (1, H_img, W_img); with a
                classifier ``pred_score`` and ``pred_label``.
            labels (Sequence[int]): Ignored: all classes have the same box.
        """
        boxes, maps = self.localize(inputs)
        if self.classifier:
            features = self.classifier.extract_feat(inputs)
            data_samples = self.head.predict(features, data_samples)
        elif data_samples is None:
            data_samples = [DataSample() for _ in inputs]
        for sample, box, plane in zip(data_samples, boxes, maps, strict=True):
            sample.set_field(box[None], 'pred_bboxes')
            sample.set_field(plane[None], 'localization_maps')
        return data_samples

    def localize(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes xyxy in pixels, (B, 4), and maps, (B, H_img, W_img)."""
        corners, sides = self.extract_feat(inputs).float().chunk(2, dim=1)
        ends = (corners + sides).clamp(max=1)
        boxes = torch.cat([corners, ends], dim=1) * image_size(inputs)
        return boxes, _inside(boxes, inputs.shape[-2:])


def image_size(inputs: Tensor) -> Tensor:
    """Width and height of images, twice, in pixels."""
    height, width = inputs.shape[-2:]
    return torch.tensor([width, height] * 2, device=inputs.device)


def _pseudo_box(sample: DataSample) -> Tensor:
    boxes = sample.get('pseudo_bboxes')
    if boxes is None or not len(boxes):
        raise ValueError(
            'Expected `pseudo_bboxes` of the image '
            f'{sample.get("img_path")}, which come with `pseudo_boxes` of '
            f'the data set and are packed by PackInputs, but got {boxes}.'
        )
    return torch.as_tensor(boxes[0])


def _inside(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """1 for pixels whose centre lies in a box xyxy, else 0, (B, *size)."""
    rows, columns = (torch.arange(n, device=boxes.device) + 0.5 for n in size)
    x0, y0, x1, y1 = boxes[..., None].unbind(1)  # each (B, 1)
    tall, wide = (rows > y0) & (rows < y1), (columns > x0) & (columns < x1)
    return (tall[:, :, None] & wide[:, None]).float()
