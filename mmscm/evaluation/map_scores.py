"""Running totals over ready score maps, as wsolevaluation scores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mmscm.functional.box_thresholds import (
    ThresholdedMap,
    finish_boxes,
    quantize,
)
from mmscm.functional.boxes import pairwise_iou

from .metrics.px_ap import EDGES, average_precision, mask_ious
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
        v1, v2 (np.ndarray): Hits of the largest and of all contours by IoU
            bound and threshold, shape (3, T).
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
        self.v1 = np.zeros((len(IOU_THRS), steps), np.int64)
        self.v2 = np.zeros_like(self.v1)
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
        largest = ThresholdedMap(grey, thrs)
        in_topk = np.array(
            [rank is not None and rank < k for k in self.topk], bool
        )[:, None]
        self.images += 1
        self.cls += in_topk[:, 0]
        self._add_largest(largest, grey.shape, boxes, in_topk)
        everything = ThresholdedMap(grey, self.cam_thrs, all_contours=True)
        ious = best_ious(everything, grey.shape, boxes, WSOLEVAL)
        self.v2 += ious >= np.array(IOU_THRS)[:, None]

    def _add_largest(
        self,
        found: ThresholdedMap,
        size: tuple[int, int],
        boxes: np.ndarray,
        in_topk: np.ndarray,
    ) -> None:
        steps = len(self.cam_thrs)
        for protocol in (WSOLEVAL, TSCAM):
            ious = best_ious(found, size, boxes, protocol)
            grid, fixed = ious[:steps], ious[steps:]
            strict = protocol.topk_strict
            good = fixed > 0.5 if strict else fixed >= 0.5
            totals = self.fixed[protocol.name]
            totals += np.concatenate([fixed[None] >= 0.5, in_topk & good])
            if protocol is WSOLEVAL:
                self.v1 += grid >= np.array(IOU_THRS)[:, None]
                self.loc += in_topk & (grid >= 0.5)

    def merge(self, other: BoxTotals) -> None:
        """Add the totals of other images."""
        self.images += other.images
        for name in ('v1', 'v2', 'loc', 'cls'):
            getattr(self, name).__iadd__(getattr(other, name))
        for name, totals in other.fixed.items():
            self.fixed[name] += totals


@dataclass
class MaskTotals:
    """Pixels of object and background by score, and IoUs, O(1) memory."""

    images: int = 0
    counts: np.ndarray = field(
        default_factory=lambda: np.zeros((2, len(EDGES) - 1), np.int64)
    )
    ious: np.ndarray = field(
        default_factory=lambda: np.zeros(len(EDGES) - 1)
    )

    def add(self, score_map: np.ndarray, mask: np.ndarray) -> None:
        """Count one image.

        Args:
            score_map (np.ndarray): In [0, 1], shape (H, W).
            mask (np.ndarray): 1 object, 0 background, 255 ignore, (H, W).
        """
        counts = np.array(
            [np.histogram(score_map[mask == i], EDGES)[0] for i in (1, 0)]
        )
        self.images += 1
        self.counts += counts
        self.ious += mask_ious(counts)

    def merge(self, other: MaskTotals) -> None:
        """Add the totals of other images."""
        self.images += other.images
        self.counts += other.counts
        self.ious += other.ious

    def px_ap(self) -> float:
        """PxAP in percent."""
        return average_precision(self.counts)


def best_ious(
    found: ThresholdedMap,
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
