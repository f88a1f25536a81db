#!/usr/bin/env python
"""What each map of a model is worth: tools/analysis/maps.py CONFIG CHECKPOINT

Scores the semantic map S0, the attention map F0 and their product on images
with boxes, and with a neck the maps after it, which the loss sees. The config
may be the one that a training wrote into its work directory.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from mmengine.runner import Runner, load_checkpoint
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm import get_model
from mmscm.apis import load_config
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.evaluation import MaxBoxAcc
from mmscm.evaluation.score import V2_IOU_THRS
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import WSOLClassifier
from mmscm.options import OptionAction

HEADER = ('map', 'GT-Known', 'threshold', 'V2', 'in the boxes', 'spread')


@dataclass
class MapScores:
    """Scores of one kind of map over images, all of the true class.

    Attributes:
        v1 (MaxBoxAcc): GT-Known of 'wsoleval' over a grid of thresholds.
        v2 (MaxBoxAcc): MaxBoxAccV2.
        shares (list[tuple[float, float, float]]): Of each image: share of
            the map's mass in the true boxes, :func:`spread_of` the map, and
            share of the pixels in the true boxes.
    """

    v1: MaxBoxAcc = field(default_factory=MaxBoxAcc)
    v2: MaxBoxAcc = field(
        default_factory=lambda: MaxBoxAcc(
            iou_thrs=V2_IOU_THRS, all_contours=True
        )
    )
    shares: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, plane: Tensor, sample: DataSample) -> None:
        """Score the map (h, w) of one image."""
        data = sample.to_dict() | {
            'map_labels': sample.gt_label,
            'localization_maps': plane[None],
        }
        self.v1.process({}, [data])
        self.v2.process({}, [data])
        mass = mass_of(resize_maps(plane, sample.img_shape[:2]))
        boxed = box_mask(sample.gt_bboxes, mass.shape)
        inside, size = mass[boxed].sum().item(), boxed.double().mean().item()
        self.shares.append((inside, spread_of(mass), size))

    def row(self) -> list[str]:
        """Cells after the name, percent points but for the threshold."""
        for metric in (self.v1, self.v2):
            metric.compute_metrics(metric.results)
        known, v2 = self.v1.scores[0], self.v2.scores[0]
        inside, spread, _ = 100 * np.mean(self.shares, 0)
        thr = f'{known.cam_thr:.2f}'
        others = [f'{value:.1f}' for value in (v2.percent, inside, spread)]
        return [f'{known.percent:.1f}', thr, *others]


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


def mass_of(plane: Tensor) -> Tensor:
    """A map (H, W) as a distribution: positive, of sum one, float64."""
    mass = min_max_normalize(plane.double()).clamp(min=1e-12)
    return mass / mass.sum()


def spread_of(mass: Tensor) -> float:
    """Share of the pixels over which an even map of its entropy extends."""
    entropy = -(mass * mass.log()).sum()
    return entropy.exp().item() / mass.numel()


def box_mask(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixels inside any box xyxy of (M, 4), booleans, shape ``size``."""
    mask = torch.zeros(size, dtype=torch.bool)
    corners = torch.as_tensor(boxes).round().int().clamp(min=0)
    for x0, y0, x1, y1 in corners.tolist():
        mask[y0:y1, x0:x1] = True
    return mask


def map_table(scores: dict[str, MapScores]) -> str:
    """One row a map; the last is a map that is the same everywhere."""
    rows = [[name, *kind.row()] for name, kind in scores.items()]
    boxes = 100 * np.mean(next(iter(scores.values())).shares, 0)[-1]
    even = ['even', '-', '-', '-', f'{boxes:.1f}', '100.0']
    lines = [HEADER, ['---'] * len(HEADER), *rows, even]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint',
        help='checkpoint file; of a training without the neck, the neck is\n'
        'as before training',
    )
    parser.add_argument(
        '--split',
        choices=['val', 'test'],
        default='val',
        help='images with boxes (default: val)',
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=OptionAction, metavar='KEY=VALUE'
    )
    args = parser.parse_args()
    refuse_code_in_checkpoints()
    cfg = load_config(args.config, options=args.cfg_options)
    model = get_model(cfg)
    load_checkpoint(model, args.checkpoint, 'cpu')  # warns of what is missing
    alone = dict(num_workers=0, persistent_workers=False, pin_memory=False)
    loader = {**cfg[f'{args.split}_dataloader'], **alone}
    images = Runner.build_dataloader(loader, seed=0)
    print(f'\n{args.checkpoint}, {args.split}, percent\n')
    print(map_table(map_study(model, images)))


if __name__ == '__main__':
    main()
