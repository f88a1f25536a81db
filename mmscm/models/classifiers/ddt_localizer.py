"""DDT: where the features of a class vary together, there is the object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from mmpretrain.models.classifiers import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.functional.discovery import component_box
from mmscm.functional.principal_axis import Moments
from mmscm.registry import MODELS


@MODELS.register_module()
class DDTLocalizer(ImageClassifier):
    """Deep descriptor transformation (Wei et al., 2019), stage 1 of PSOL.

    The heat of a class is (F - mean) u with the mean and the first principal
    axis u of its images' features, which :meth:`fit` finds: before a test by
    FitDDTHook, before inference by the inferencer's ``fit``. A box is that
    of the largest part of positive heat, with diagonals, or the whole image.
    Class labels are taken as known: there is no classifier.

    The sign of u is fixed by its components and not by the object, as in
    the released code.

    Args:
        backbone (dict): A CNN; its last output is used.
        num_classes (int): C, number of classes.
        in_channels (int): D, its channels.
        **kwargs: Those of mmpretrain's ``ImageClassifier``.
    """

    def __init__(
        self,
        backbone: dict,
        num_classes: int,
        in_channels: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone=backbone, **kwargs)
        zeros = torch.zeros(num_classes, in_channels)
        self.register_buffer('means', zeros, persistent=False)
        self.register_buffer('axes', zeros.clone(), persistent=False)

    @property
    def num_classes(self) -> int:
        """C."""
        return len(self.axes)

    def forget(self, num_classes: int) -> None:
        """Have no axes, of another number of classes than before."""
        self.means = self.means.new_zeros(num_classes, self.means.shape[1])
        self.axes = self.means.clone()

    @torch.no_grad()
    def fit(self, label: int, batches: Iterable[dict]) -> None:
        """Find mean and axis of a class, in the memory of a D x D matrix.

        Args:
            label (int): The class; one of no images stays unknown.
            batches (Iterable[dict]): Of all its images, as a data loader
                gives them.
        """
        moments = Moments(self.means.shape[1], self.means.device)
        for batch in batches:
            inputs = self.data_preprocessor(batch)['inputs']
            moments.add(self.extract_feat(inputs)[-1].movedim(1, -1))
        if moments.count:
            self.means[label], self.axes[label] = moments.axis()

    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample],
        labels: Sequence[int] = (),
    ) -> list[DataSample]:
        """Localize the class of every image.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).
            data_samples (list[DataSample]): With ``gt_label``, filled in with
                ``map_labels``, its K labels, ``localization_maps``, the heat
                that is positive, shape (K, H, W), and ``pred_bboxes`` xyxy in
                pixels, shape (K, 4).
            labels (Sequence[int]): Further classes to localize.
        """
        size = inputs.shape[-2:]
        features = self.extract_feat(inputs)[-1]
        for sample, feature in zip(data_samples, features, strict=True):
            known = sample.gt_label.tolist() if 'gt_label' in sample else []
            mapped = list(dict.fromkeys([*known, *labels]))
            if not mapped:
                raise ValueError(
                    'Expected images with labels: DDT compares those of a '
                    'class and does not classify.'
                )
            self._check_known(mapped)
            mapped = torch.tensor(mapped, device=feature.device)
            heat = self.heat(feature, mapped)
            boxes = torch.stack([_box(plane, size) for plane in heat])
            sample.set_field(mapped, 'map_labels')
            sample.set_field(heat.relu(), 'localization_maps')
            sample.set_field(boxes, 'pred_bboxes')
        return data_samples

    def heat(self, feature: Tensor, labels: Tensor) -> Tensor:
        """Heat (K, H, W) of K classes from features (D, H, W)."""
        axes = self.axes[labels]
        offset = (axes * self.means[labels]).sum(1)[:, None, None]
        return torch.einsum('kd,dhw->khw', axes, feature) - offset

    def _check_known(self, labels: list[int]) -> None:
        if not self.axes[labels].any(1).all():
            raise ValueError(
                f'Expected classes with axes, but got {labels} of which some '
                'have none: DDT sees labelled images of every class before it '
                'localizes. A test needs mmscm.FitDDTHook, `mmscm infer` '
                '--split or --target from-folder, other programs the '
                "inferencer's `fit`."
            )


def _box(heat: Tensor, size: tuple[int, int]) -> Tensor:
    """Box xyxy in pixels of an image of ``size``, shape (4,)."""
    height, width = size
    whole = (0, 0, heat.shape[1], heat.shape[0])
    cells = component_box((heat > 0).cpu().numpy(), connectivity=8) or whole
    steps = torch.tensor([width / heat.shape[1], height / heat.shape[0]])
    return torch.tensor(cells) * steps.repeat(2)
