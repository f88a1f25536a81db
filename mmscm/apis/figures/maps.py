"""The paper's pictures of maps, of one image and one class."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.dataset import default_collate
from torch import Tensor

from mmscm.apis.inference.inferencer import LocalizationInferencer
from mmscm.apis.inference.inputs import list_inputs, read_image
from mmscm.apis.inference.results import to_original
from mmscm.evaluation.scoring import score_map_from
from mmscm.functional.boxes import boxes_from_map
from mmscm.functional.diffusion import diffuse
from mmscm.functional.grid import semantic_laplacian
from mmscm.models.necks.diffusion_block import ActivationDiffusionBlock
from mmscm.visualization.panels import Boxes, panel

ITERATIONS = (0, 1, 2, 3, 4, 5, 6, 7, 8)  # p of Fig. 8


@dataclass
class BlockMaps:
    """An image and its maps before, between and after the blocks.

    Attributes:
        image (np.ndarray): RGB, uint8, shape (H_ori, W_ori, 3).
        size (tuple[int, int]): Height and width of the network input.
        title (str): Name of the class.
        label (int): Its index.
        cam_thr (float): Threshold of boxes.
        blocks (Sequence[ActivationDiffusionBlock]): The L diffusion blocks.
        steps (list[tuple[Tensor, Tensor]]): S^l (1, C, H, W) and F^l
            (1, H, W) for l = 0, ..., L.
    """

    image: np.ndarray
    size: tuple[int, int]
    title: str
    label: int
    cam_thr: float
    blocks: Sequence[ActivationDiffusionBlock]
    steps: list[tuple[Tensor, Tensor]]

    def semantic(self, index: int) -> np.ndarray:
        """S^l of the class, shape (H, W)."""
        return self.steps[index][0][0, self.label].numpy()

    def attention(self, index: int) -> np.ndarray:
        """F^l, shape (H, W)."""
        return self.steps[index][1][0].numpy()

    def cell(
        self,
        caption: str,
        plane: np.ndarray | None,
        side: int,
        boxed: bool = False,
    ) -> np.ndarray:
        """One panel; ``boxed`` adds the box of the map."""
        boxes = None
        if boxed and plane is not None:
            scores = score_map_from(plane, self.size, 'bilinear')
            (found,) = boxes_from_map(scores, [self.cam_thr], clip=False)
            shape = self.image.shape[:2]
            boxes = Boxes(predicted=to_original(found, self.size, shape))
        return panel(self.image, caption, side, plane, boxes)


@torch.no_grad()
def block_maps(
    inferencer: LocalizationInferencer, image: Any, target: Any = None
) -> BlockMaps:
    """Run a model and its neck on one image.

    Args:
        inferencer (LocalizationInferencer): Of a model with a neck.
        image (Any): What the inferencer takes.
        target (int | str, optional): Class; default is the predicted one.
    """
    model = inferencer.model
    if not model.with_neck:
        raise ValueError(
            'Expected a model with a neck to look into its blocks, but got '
            'one without (TS-CAM).'
        )
    (item,) = list_inputs(image)
    pixels = read_image(item)
    batch = default_collate(list(map(inferencer.pipeline, [_loaded(pixels)])))
    batch = model.data_preprocessor(batch, False)
    semantic, attention = model.extract_maps(batch['inputs'])
    label = inferencer.labels.index_of(target)
    if label is None:
        label = int(semantic[0].mean((-2, -1)).argmax())
    steps = model.neck.steps(semantic, attention)
    return BlockMaps(
        image=pixels[..., ::-1].copy(),
        size=tuple(batch['inputs'].shape[-2:]),
        title=inferencer.labels.name_of(label),
        label=label,
        cam_thr=inferencer.cam_thr,
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
        [_product(maps, i, i, side) for i in range(count)],
    ]
    return _sheet([[blank, *row] for row in rows])


def grid_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """S^l o F^m for all l and m, with boxes (Fig. 9), RGB."""
    count = range(len(maps.steps))
    return _sheet([[_product(maps, s, f, side) for s in count] for f in count])


@torch.no_grad()
def diffusion_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^0 diffused p times, and filtered, over p (Fig. 8), RGB."""
    block, (semantic, attention) = maps.blocks[0], maps.steps[0]
    laplacian = semantic_laplacian(semantic, block.lambda_)
    diffused = [
        diffuse(attention, laplacian, p, block.init_scale) for p in ITERATIONS
    ]
    first = [maps.cell(maps.title, None, side)]
    second = [maps.cell('F0', maps.attention(0), side)]
    for p, plane in zip(ITERATIONS, diffused, strict=True):
        update = block.filter(plane, attention)
        first.append(maps.cell(f'diffused, p = {p}', plane[0].numpy(), side))
        second.append(maps.cell('filtered', update[0].numpy(), side))
    return _sheet([first, second])


@torch.no_grad()
def filtering_figure(maps: BlockMaps, side: int = 160) -> np.ndarray:
    """F^l, diffused, and after filtering, of every block (Fig. 3), RGB."""
    rows = []
    for index, block in enumerate(maps.blocks):
        semantic, attention = maps.steps[index]
        laplacian = semantic_laplacian(semantic, block.lambda_)
        diffused = diffuse(
            attention, laplacian, block.num_iters, block.init_scale
        )
        update = block.filter(diffused, attention)
        planes = {
            f'F{index}': attention,
            'before filtering': diffused,
            f'after, beta {float(block.beta):.3f}': update,
        }
        cells = [maps.cell(k, v[0].numpy(), side) for k, v in planes.items()]
        rows.append([maps.cell(maps.title, None, side), *cells])
    return _sheet(rows)


def _product(maps: BlockMaps, s: int, f: int, side: int) -> np.ndarray:
    plane = maps.semantic(s) * maps.attention(f)
    return maps.cell(f'S{s} x F{f}', plane, side, boxed=True)


def _sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def _loaded(pixels: np.ndarray) -> dict:
    shape = pixels.shape[:2]
    return dict(img=pixels, img_shape=shape, ori_shape=shape)
