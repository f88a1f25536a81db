"""Running totals of ready score maps against masks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .px_ap import EDGES, average_precision, mask_ious


@dataclass
class MaskTotals:
    """Pixels of object and background by score, and IoUs, O(1) memory."""

    images: int = 0
    counts: np.ndarray = field(
        default_factory=lambda: np.zeros((2, len(EDGES) - 1), np.int64)
    )
    ious: np.ndarray = field(default_factory=lambda: np.zeros(len(EDGES) - 1))

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
