"""Score every map of a model, before and after the neck, on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.evaluation import MaxBoxAcc
from mmscm.evaluation.score import V2_IOU_THRS
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import WSOLClassifier

HEADER = ('map', 'GT-Known', 'threshold', 'V2', 'in the boxes', 'spread')


@dataclass
class MapScores:
    """Scores of one kind of map over images, all of the true class.

    Attributes:
        v1 (MaxBoxAcc): GT-Known of 'wsoleval' over a grid of thresholds.
        v2 (MaxBoxAcc): MaxBoxAccV2.
        inside (list[float]): Share of the map's mass in the true boxes.
        spread (list[float]): Share of the pixels over which an even map of
            the same entropy would extend, in (0, 1].
        boxes (list[float]): Share of the pixels in the true boxes.
    """

    v1: MaxBoxAcc = field(default_factory=MaxBoxAcc)
    v2: MaxBoxAcc = field(
        default_factory=lambda: MaxBoxAcc(
            iou_thrs=V2_IOU_THRS, all_contours=True
        )
    )
    inside: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    boxes: list[float] = field(default_factory=list)

    def add(self, plane: Tensor, sample: DataSample) -> None:
        """Score the map (h, w) of one image."""
        data = sample.to_dict() | {
            'map_labels': sample.gt_label,
            'localization_maps': plane[None],
        }
        self.v1.process({}, [data])
        self.v2.process({}, [data])
        mass = mass_of(resize_maps(plane[None], sample.img_shape[:2]))
        inside = box_mask(sample.gt_bboxes, mass.shape[1:])
        self.boxes.append(inside.double().mean().item())
        self.inside.append(mass[0][inside].sum().item())
        self.spread.append(spread_of(mass).item())

    def row(self) -> list[str]:
        """Cells after the name, percent points but for the threshold."""
        for metric in (self.v1, self.v2):
            metric.compute_metrics(metric.results)
        known, v2 = self.v1.scores[0], self.v2.scores[0]
        return [
            f'{known.percent:.1f}',
            f'{known.cam_thr:.2f}',
            f'{v2.percent:.1f}',
            f'{100 * np.mean(self.inside):.1f}',
            f'{100 * np.mean(self.spread):.1f}',
        ]


@torch.no_grad()
def map_study(
    model: WSOLClassifier, batches: Iterable[dict]
) -> dict[str, MapScores]:
    """Score the maps of a model on images with boxes.

    Args:
        model (WSOLClassifier): In eval mode.
        batches (Iterable[dict]): Of a data loader with ``gt_bboxes``.

    Returns:
        dict[str, MapScores]: S^0, F^0 and their product, and with a neck
        those after its L blocks and the factor S^L / S^0 of the loss.
    """
    scores: dict[str, MapScores] = {}
    for batch in batches:
        data = model.data_preprocessor(batch, False)
        samples = data['data_samples']
        labels = torch.cat([sample.gt_label for sample in samples])
        for name, planes in class_maps(model, data['inputs'], labels).items():
            kind = scores.setdefault(name, MapScores())
            for plane, sample in zip(planes, samples, strict=True):
                kind.add(plane.float().cpu(), sample.cpu())
    return scores


def class_maps(
    model: WSOLClassifier, inputs: Tensor, labels: Tensor
) -> dict[str, Tensor]:
    """Maps of one class of each image, each (B, H, W)."""
    images = torch.arange(len(labels))
    semantic, attention = model.extract_maps(inputs)
    chosen = semantic[images, labels]
    maps = {'S0': chosen}
    if attention is not None:
        maps |= {'F0': attention, 'S0 F0': chosen * attention}
    if model.with_neck and len(model.neck.blocks):
        steps = model.neck.steps(semantic, attention)
        last, (calibrated, spread) = len(steps) - 1, steps[-1]
        chosen = calibrated[images, labels]
        maps[f'S{last}'], maps[f'F{last}'] = chosen, spread
        maps[f'S{last} F{last}'] = chosen * spread
        maps[f'S{last} / S0'] = gain(steps)
    return maps


def gain(steps: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """S^L / S^0, the same for all classes, shape (B, H, W).

    Args:
        steps (Sequence[tuple[Tensor, Tensor]]): Of :meth:`SCM.steps`.
    """
    first, last = steps[0][0], steps[-1][0]
    # where all is zero, the loss does not change
    strongest = first.abs().argmax(1, keepdim=True)
    below = first.gather(1, strongest)[:, 0]
    above = last.gather(1, strongest)[:, 0]
    return torch.where(below != 0, above / below, 1)


def mass_of(maps: Tensor) -> Tensor:
    """Maps, scaled to [0, 1], as distributions: positive, of sum one.

    Args:
        maps (Tensor): Shape (B, H, W).

    Returns:
        Tensor: Same shape, float64; even where a map is constant.
    """
    mass = min_max_normalize(maps.double()).clamp(min=1e-12)
    return mass / mass.sum((-2, -1), keepdim=True)


def spread_of(mass: Tensor) -> Tensor:
    """Share over which an even map of the same entropy would extend, (B,).

    Args:
        mass (Tensor): Of :func:`mass_of`, shape (B, H, W).
    """
    entropy = -(mass * mass.log()).sum((-2, -1))
    return entropy.exp() / mass[0].numel()


def box_mask(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixels inside any box, booleans, shape ``size``.

    Args:
        boxes (Tensor): Boxes xyxy in pixels, shape (M, 4).
        size (tuple[int, int]): Height and width.
    """
    mask = torch.zeros(size, dtype=torch.bool)
    corners = torch.as_tensor(boxes).round().int().clamp(min=0)
    for x0, y0, x1, y1 in corners.tolist():
        mask[y0:y1, x0:x1] = True
    return mask


def map_table(scores: dict[str, MapScores]) -> str:
    """One row a map; the last is a map that is the same everywhere."""
    rows = [[name, *kind.row()] for name, kind in scores.items()]
    boxes = 100 * np.mean(next(iter(scores.values())).boxes)
    even = ['even', '-', '-', '-', f'{boxes:.1f}', '100.0']
    return markdown(HEADER, [*rows, even])


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
