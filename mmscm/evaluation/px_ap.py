"""Measure pixel average precision and mask IoU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmscm.registry import METRICS

from .box_metric import ScoreMetric
from .protocols import DEFAULT_PROTOCOL, Protocol
from .sample import SampleView
from .score import FIXED, ORACLE, Curve, Score

_STEP = 0.001
# Scores of exactly 1 have a bin of their own; the last stays empty.
EDGES = np.concatenate([np.arange(0, 1, _STEP), [1, 2, 3]])


@METRICS.register_module()
class PxAP(ScoreMetric):
    """Area under the precision-recall curve of pixels, in percent.

    Scores of object and background pixels are counted in bins of 0.001 over
    the whole set; PxAP is the sum of precision times gain of recall
    (wsolevaluation). Reads ``gt_mask`` (H, W) of the network input: 1
    object, 0 background, 255 is left out.

    Keys: ``wsol/px_ap``, and ``wsol/mask_iou``, the mean over images of the
    IoU of mask and pixels with a score of at least a threshold, with that
    threshold (``wsol/mask_iou_thr``). A protocol that is not the default
    follows the name.

    Args:
        protocol (str | dict | Protocol): Which class's map is scored.
        cam_thr (float, optional): Fixed threshold of the mask IoU, a
            multiple of 0.001. Without it, the best on the evaluated set.
        **kwargs: See :class:`ScoreMetric`.
    """

    def __init__(
        self,
        protocol: str | dict | Protocol = DEFAULT_PROTOCOL,
        cam_thr: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(protocol, **kwargs)
        self.bin = None if cam_thr is None else _bin_of(cam_thr)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Count the scores of a batch; see ``BaseMetric``."""
        for data in data_samples:
            self.results.append(self.count(SampleView(data)))

    def count(self, sample: SampleView) -> np.ndarray:
        """Object and background pixels in each bin, shape (2, bins)."""
        label = sample.localized_label(self.protocol)
        scores = sample.score_map(label, self.protocol)
        mask = sample.gt_mask
        counts = [np.histogram(scores[mask == i], EDGES)[0] for i in (1, 0)]
        return np.array(counts).astype(np.min_scalar_type(scores.size))

    def scores_of(self, results: Sequence[np.ndarray]) -> list[Score]:
        """Of the counts of all images; see ``ScoreMetric``."""
        total = np.zeros((2, len(EDGES) - 1))
        ious = np.zeros(len(EDGES) - 1)
        for counts in results:
            total += counts
            ious += mask_ious(counts)
        ious *= 100 / len(results)
        index = int(ious.argmax()) if self.bin is None else self.bin
        origin = ORACLE if self.bin is None else FIXED
        curve = Curve(EDGES[:-1], ious)
        return [
            self.score('px_ap', 'PxAP', average_precision(total)),
            self.score_at('mask_iou', 'Mask IoU', index, curve, origin=origin),
        ]


def average_precision(counts: np.ndarray) -> float:
    """PxAP in percent of counts (2, bins): object, background pixels."""
    true, false = counts[:, ::-1].cumsum(1).astype(np.float64)
    if not true[-1]:
        raise ValueError('Expected object pixels in `gt_mask`, but got none.')
    precision = true / np.maximum(true + false, 1)
    recall = true / true[-1]
    return float((precision[1:] * np.diff(recall)).sum() * 100)


def mask_ious(counts: np.ndarray) -> np.ndarray:
    """IoU (bins,) of the mask and the pixels of each bin and above."""
    true, false = counts[:, ::-1].cumsum(1, dtype=np.int64)[:, ::-1]
    union = true[0] + false
    return true / np.maximum(union, 1)


def _bin_of(cam_thr: float) -> int:
    index = round(cam_thr / _STEP)
    if not 0 <= cam_thr < 1 or abs(index * _STEP - cam_thr) > 1e-9:
        raise ValueError(
            f'Expected `cam_thr` in [0, 1), a multiple of {_STEP}, but got '
            f'{cam_thr}.'
        )
    return index
