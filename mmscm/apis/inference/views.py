"""Flipped and resized views of the same images, averaged."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import WSOLClassifier
from mmscm.models.classifiers.wsol_classifier import TOP


@torch.no_grad()
def predict_views(
    model: WSOLClassifier,
    data: dict,
    labels: Sequence[int] = (),
    flip: bool = False,
    scales: Sequence[float] = (1.0,),
) -> list[DataSample]:
    """Predict, with the mean over views where there are several.

    Scores are averaged as probabilities, maps after each is scaled to
    [0, 1] and brought to the patch grid of scale 1.

    Args:
        model (WSOLClassifier): In eval mode.
        data (dict): A collated batch: ``inputs`` (B, 3, H_img, W_img), not
            normalised, and ``data_samples``.
        labels (Sequence[int]): Classes that need a map, beside the top five.
        flip (bool): Also predict the mirrored images.
        scales (Sequence[float]): Factors of the side of the network input;
            1 is the first view whether it is named or not.

    Returns:
        list[DataSample]: As ``WSOLClassifier.predict``; attention and
        semantic maps are those of the first view.
    """
    if not scales or min(scales) <= 0:
        raise ValueError(
            f'Expected `scales` above 0, at least one, but got {scales}.'
        )
    if not flip and tuple(scales) == (1.0,):
        return _predict(model, data, data['inputs'], labels)
    every = range(model.head.num_classes)
    samples = _predict(model, data, data['inputs'], every)
    if 1.0 not in scales:
        scales = (1.0, *scales)
    grid = samples[0].localization_maps.shape[-2:]
    stride = data['inputs'].shape[-2] // grid[0]
    views = [
        _mirrored_or_not(model, data, size_for(data, scale, stride), mirrored)
        for scale in scales
        for mirrored in ((False, True) if flip else (False,))
    ]
    for index, sample in enumerate(samples):
        scores = [view[index].pred_score for view in views]
        maps = [
            resize_maps(_by_class(view[index]), grid) for view in views
        ]  # of all classes, (C, H, W)
        _replace(sample, torch.stack(scores), torch.stack(maps), labels)
    return samples


def size_for(data: dict, scale: float, stride: int) -> tuple[int, int]:
    """Input size at a scale, whole patches, pixels."""
    height, width = data['inputs'].shape[-2:]
    return tuple(
        max(1, round(side * scale / stride)) * stride
        for side in (height, width)
    )


def _mirrored_or_not(
    model: WSOLClassifier, data: dict, size: tuple[int, int], mirrored: bool
) -> list[DataSample]:
    inputs = data['inputs'].float()
    if inputs.shape[-2:] != size:
        inputs = F.interpolate(
            inputs, size, mode='bilinear', align_corners=False, antialias=True
        )
    inputs = inputs.flip(-1) if mirrored else inputs
    every = range(model.head.num_classes)
    samples = _predict(model, data, inputs, every)
    if mirrored:
        for sample in samples:
            sample.localization_maps = sample.localization_maps.flip(-1)
    return samples


def _predict(
    model: WSOLClassifier, data: dict, inputs: Tensor, labels: Sequence[int]
) -> list[DataSample]:
    """One forward pass with maps of the top classes and of ``labels``."""
    samples = [sample.clone() for sample in data['data_samples']]
    for sample in samples:
        sample.pop('gt_label', None)
        if len(labels):
            sample.set_gt_label(list(labels))  # asks for their maps
    samples = model.test_step({'inputs': inputs, 'data_samples': samples})
    for sample in samples:
        sample.pop('gt_label', None)
    return samples


def _by_class(sample: DataSample) -> Tensor:
    """Maps in the order of the classes, each in [0, 1], (C, H, W)."""
    order = sample.map_labels.argsort()
    return min_max_normalize(sample.localization_maps[order])


def _replace(
    sample: DataSample, scores: Tensor, maps: Tensor, labels: Sequence[int]
) -> None:
    """Put the mean of scores (V, C) and maps (V, C, H, W) into a sample."""
    score, mean = scores.mean(0), maps.mean(0)
    chosen = score.topk(min(TOP, len(score))).indices.tolist()
    chosen += [label for label in labels if label not in chosen]
    semantic = sample.semantic_maps[sample.map_labels.argsort()]
    sample.set_pred_score(score).set_pred_label(score.argmax())
    sample.map_labels = torch.tensor(chosen, device=score.device)
    sample.localization_maps = mean[chosen]
    sample.semantic_maps = semantic[chosen]
