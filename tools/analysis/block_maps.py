"""Run SCM on one image and keep the maps between its blocks."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.dataset import default_collate
from torch import Tensor

from mmscm.apis.inferencer import LocalizationInferencer
from mmscm.apis.localization import rescale
from mmscm.apis.photos import find_photos
from mmscm.evaluation.sample import score_map_from
from mmscm.functional.boxes import boxes_from_map
from mmscm.models import ActivationDiffusionBlock
from mmscm.visualization.panels import Boxes, panel


@dataclass
class BlockMaps:
    """An image and its maps before, between and after the blocks.

    Attributes:
        image (np.ndarray): RGB, uint8, shape (H_ori, W_ori, 3).
        size (tuple[int, int]): Height and width of the network input.
        title (str): Name of the class.
        label (int): Its index.
        cam_thr (float): Threshold of boxes.
        blocks (list[ActivationDiffusionBlock]): The L diffusion blocks.
        steps (list[tuple[Tensor, Tensor]]): S^l (1, C, H, W) and F^l
            (1, H, W) for l = 0, ..., L.
    """

    image: np.ndarray
    size: tuple[int, int]
    title: str
    label: int
    cam_thr: float
    blocks: list[ActivationDiffusionBlock]
    steps: list[tuple[Tensor, Tensor]]

    def semantic(self, index: int) -> np.ndarray:
        """S^l of the class, shape (H, W)."""
        return self.steps[index][0][0, self.label].numpy()

    def attention(self, index: int) -> np.ndarray:
        """F^l, shape (H, W)."""
        return self.steps[index][1][0].numpy()

    def cell(
        self, caption: str, plane: np.ndarray | None, side: int
    ) -> np.ndarray:
        """The panel of a map, or of the image without any."""
        return panel(self.image, caption, side, plane)

    def product(self, s: int, f: int, side: int) -> np.ndarray:
        """The panel of S^s o F^f, with its box."""
        plane = self.semantic(s) * self.attention(f)
        scores = score_map_from(plane, self.size, 'bilinear')
        (found,) = boxes_from_map(scores, [self.cam_thr], clip=False)
        found = rescale(found, self.size, self.image.shape[:2])
        boxes = Boxes(predicted=found)
        return panel(self.image, f'S{s} x F{f}', side, plane, boxes)


@torch.no_grad()
def block_maps(
    inferencer: LocalizationInferencer,
    image: Any,
    target: int | str | None = None,
    cam_thr: float | None = None,
) -> BlockMaps:
    """Run a model and its neck on one image.

    Args:
        inferencer (LocalizationInferencer): Of a model with a neck.
        image (Any): What the inferencer takes.
        target (int | str, optional): Class; default is the predicted one.
        cam_thr (float, optional): Of the boxes; default is the model's own.
    """
    model = inferencer.model
    if not model.with_neck:
        raise ValueError(
            'Expected a model with a neck to look into its blocks, but got '
            'one without (TS-CAM).'
        )
    (photo,) = find_photos(image)
    pixels = photo.read()
    batch = default_collate([inferencer.load(pixels)])
    batch = model.data_preprocessor(batch, False)
    semantic, attention = model.extract_maps(batch['inputs'])
    label = inferencer.class_index(target)
    if label is None:
        label = int(semantic[0].mean((-2, -1)).argmax())
    steps = model.neck.steps(semantic, attention)
    return BlockMaps(
        image=pixels[..., ::-1].copy(),
        size=tuple(batch['inputs'].shape[-2:]),
        title=inferencer.class_name(label),
        label=label,
        cam_thr=inferencer.cam_thr if cam_thr is None else cam_thr,
        blocks=[deepcopy(block).cpu() for block in model.neck.blocks],
        steps=[(s.cpu().float(), f.cpu().float()) for s, f in steps],
    )


def blocks_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """S^l, F^l and their product of every block (Fig. 6), RGB."""
    count = len(maps.steps)
    blank = maps.cell(maps.title, None, side)
    rows = [
        [maps.cell(f'S{i}', maps.semantic(i), side) for i in range(count)],
        [maps.cell(f'F{i}', maps.attention(i), side) for i in range(count)],
        [maps.product(i, i, side) for i in range(count)],
    ]
    return sheet([[blank, *row] for row in rows])


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Panels in rows as one picture."""
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])
