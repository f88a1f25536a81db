"""Running totals over ready score maps, as wsolevaluation scores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mmscm.functional.boxes import (
    LevelBoxes,
    ThresholdedMap,
    finish_boxes,
    pairwise_iou,
    quantize,
)

from .protocols import TSCAM, WSOLEVAL, Protocol

IOU_THRS = (0.3, 0.5, 0.7)


@dataclass
class BoxTotals:
    """Images with a good box at every threshold, O(1) memory.

    Maps are taken as they are: in [0, 1], at the size of the network input,
    not scaled to their own minimum and maximum.

    Args:
        cam_thrs (np.ndarray): Grid, fractions of the maximum of a map, (T,).
        fixed_thrs (Sequence[float]): F thresholds of the fixed rows.
        topk (Sequence[int]): Values of k of Top-k Loc, K of them.

    Attributes:
        images (int): Number of images scored.
        v1 (np.ndarray): Hits of the largest contour at IoU 0.5, shape (T,).
        v2 (np.ndarray): Hits of all contours by IoU bound, shape (3, T).
        loc (np.ndarray): Hits of V1 at IoU 0.5 with the label in the top k,
            shape (K, T).
        cls (np.ndarray): Images with the label in the top k, shape (K,).
        fixed (dict[str, np.ndarray]): Hits of 'wsoleval' and 'tscam' at
            ``fixed_thrs``, GT-Known before Top-k Loc, shape (1 + K, F).
    """

    cam_thrs: np.ndarray
    fixed_thrs: Sequence[float] = ()
    topk: Sequence[int] = ()
    images: int = 0
    v1: np.ndarray = field(init=False)
    v2: np.ndarray = field(init=False)
    loc: np.ndarray = field(init=False)
    cls: np.ndarray = field(init=False)
    fixed: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        steps, values = len(self.cam_thrs), len(self.topk)
        self.v1 = np.zeros(steps, np.int64)
        self.v2 = np.zeros((len(IOU_THRS), steps), np.int64)
        self.loc = np.zeros((values, steps), np.int64)
        self.cls = np.zeros(values, np.int64)
        shape = (1 + values, len(self.fixed_thrs))
        self.fixed = {
            protocol.name: np.zeros(shape, np.int64)
            for protocol in (WSOLEVAL, TSCAM)
        }

    def add(
        self, score_map: np.ndarray, boxes: np.ndarray, rank: int | None = None
    ) -> None:
        """Score one image.

        Args:
            score_map (np.ndarray): In [0, 1], shape (H, W).
            boxes (np.ndarray): True boxes xyxy in pixels of the map,
                floating point, shape (M, 4).
            rank (int, optional): Place of the label among the predicted
                classes, 0 is the first; None if it is not among them.
        """
        grey = quantize(score_map)
        thrs = np.concatenate([self.cam_thrs, self.fixed_thrs])
        found = ThresholdedMap(grey, thrs)
        in_topk = [rank is not None and rank < k for k in self.topk]
        self.images += 1
        self.cls += np.array(in_topk, np.int64)
        self._add_largest(found.largest, grey.shape, boxes, in_topk)
        everything = found.all_contours
        ious = best_ious(everything, grey.shape, boxes, WSOLEVAL)
        self.v2 += ious[: len(self.cam_thrs)] >= _column(IOU_THRS)

    def _add_largest(
        self,
        found: LevelBoxes,
        size: tuple[int, int],
        boxes: np.ndarray,
        in_topk: list[bool],
    ) -> None:
        steps, right = len(self.cam_thrs), _column(in_topk).astype(bool)
        for protocol in (WSOLEVAL, TSCAM):
            ious = best_ious(found, size, boxes, protocol)
            grid, fixed = ious[:steps], ious[steps:]
            strict = protocol.topk_strict
            good = fixed > 0.5 if strict else fixed >= 0.5
            hits = np.concatenate([fixed[None] >= 0.5, right & good])
            self.fixed[protocol.name] += hits
            if protocol is WSOLEVAL:
                self.v1 += grid >= 0.5
                self.loc += right & (grid >= 0.5)

    def merge(self, other: BoxTotals) -> None:
        """Add the totals of other images."""
        self.images += other.images
        self.v1 += other.v1
        self.v2 += other.v2
        self.loc += other.loc
        self.cls += other.cls
        for name, totals in other.fixed.items():
            self.fixed[name] += totals


def best_ious(
    found: LevelBoxes,
    size: tuple[int, int],
    boxes: np.ndarray,
    protocol: Protocol,
) -> np.ndarray:
    """Largest IoU of found and true boxes at each threshold, shape (T,)."""
    rows = finish_boxes(
        found.boxes, size, protocol.clip_boxes, protocol.empty_box
    )
    true_boxes = protocol.true_boxes(boxes, size)
    ious = pairwise_iou(rows, true_boxes, inclusive=True).max(1)
    return np.maximum.reduceat(ious, found.starts)[found.level_of_thr]


def _column(values: Sequence) -> np.ndarray:
    return np.array(values)[:, None]
