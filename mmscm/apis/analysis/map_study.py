"""What each map of a model is worth, with its box and without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mmscm.apis.experiments.tables import markdown
from mmscm.evaluation.map_scores import BoxTotals
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.scoring import score_map_from
from mmscm.functional.maps import min_max_normalize
from mmscm.models import WSOLClassifier

CAM_THRS = np.arange(0, 1, 0.01)
HEADER = ['map', 'GT-Known', 'threshold', 'V2', 'in the boxes', 'spread']


@dataclass
class MapScores:
    """Scores of one kind of map over images, all of the true class.

    Attributes:
        totals (BoxTotals): Boxes at every threshold, as 'wsoleval'.
        inside (list[float]): Share of the map's mass in the true boxes.
        spread (list[float]): Share of the pixels over which an even map of
            the same entropy would extend, in (0, 1].
        boxes (list[float]): Share of the pixels in the true boxes.
    """

    totals: BoxTotals = field(default_factory=lambda: BoxTotals(CAM_THRS))
    inside: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    boxes: list[float] = field(default_factory=list)

    def add(self, plane: np.ndarray, sample: SampleView) -> None:
        """Score the map (h, w) of one image."""
        scores = score_map_from(plane, sample.img_shape, 'bilinear')
        self.totals.add(scores, sample.gt_bboxes)
        mass = mass_of(torch.from_numpy(scores)[None])
        object_pixels = box_mask(sample.gt_bboxes, scores.shape)
        self.boxes.append(float(object_pixels.mean()))
        self.inside.append(mass[0].numpy()[object_pixels].sum().item())
        self.spread.append(spread_of(mass).item())

    def row(self) -> list[str]:
        """Cells after the name, percent points but for the threshold."""
        images = self.totals.images
        v2 = 100 * self.totals.v2.max(1).mean() / images
        best = int(self.totals.v1.argmax())
        return [
            f'{100 * self.totals.v1[best] / images:.1f}',
            f'{CAM_THRS[best]:.2f}',
            f'{v2:.1f}',
            f'{100 * np.mean(self.inside):.1f}',
            f'{100 * np.mean(self.spread):.1f}',
        ]


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


def box_mask(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels inside any box, booleans, shape ``size``.

    Args:
        boxes (np.ndarray): Boxes xyxy in pixels, shape (M, 4).
        size (tuple[int, int]): Height and width.
    """
    mask = np.zeros(size, bool)
    for x0, y0, x1, y1 in boxes.round().astype(int).clip(0):
        mask[y0:y1, x0:x1] = True
    return mask


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
        samples = [SampleView(s.to_dict()) for s in data['data_samples']]
        labels = [sample.gt_label for sample in samples]
        for name, planes in class_maps(model, data['inputs'], labels).items():
            kind = scores.setdefault(name, MapScores())
            for plane, sample in zip(planes, samples, strict=True):
                kind.add(plane.float().numpy(force=True), sample)
    return scores


def class_maps(
    model: WSOLClassifier, inputs: Tensor, labels: Sequence[int]
) -> dict[str, Tensor]:
    """Maps of one class of each image, each (B, H, W)."""
    images = torch.arange(len(labels)), torch.as_tensor(labels)
    semantic, attention = model.extract_maps(inputs)
    chosen = semantic[images]
    maps = {'S0': chosen, 'F0': attention, 'S0 F0': chosen * attention}
    if model.with_neck and len(model.neck.blocks):
        steps = model.neck.steps(semantic, attention)
        last, count = (steps[-1][0][images], steps[-1][1]), len(steps) - 1
        maps[f'S{count}'], maps[f'F{count}'] = last
        maps[f'S{count} F{count}'] = last[0] * last[1]
        maps[f'S{count} / S0'] = gain(steps)
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


def map_table(scores: dict[str, MapScores]) -> str:
    """One row a map; the last is a map that is the same everywhere."""
    rows = [[name, *kind.row()] for name, kind in scores.items()]
    boxes = 100 * np.mean(next(iter(scores.values())).boxes)
    return markdown(
        HEADER, [*rows, ['even', '-', '-', '-', f'{boxes:.1f}', '100.0']]
    )
