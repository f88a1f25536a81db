"""Measure Top-k localization, GT-Known and Top-k classification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmscm.functional.boxes import box_areas
from mmscm.registry import METRICS

from .box_metric import BoxMetric
from .protocols import DEFAULT_PROTOCOL, Protocol
from .sample import SampleView
from .score import Score

WHOLE = 'whole_image'  # a row of hits that is no value of its own
WHOLE_AREA = 0.98  # of the image; clipped boxes lack a row and a column


@METRICS.register_module()
class LocalizationAccuracy(BoxMetric):
    """Top-k Loc, GT-Known and Top-k Cls in percent (Sec. 4.1).

    - Top-k Cls: the label is among the k most probable classes.
    - Top-k Loc: it is, and the box of its map is good.
    - GT-Known: the box of the ground-truth class's map is good.

    Keys: ``wsol/top1_cls``, ``wsol/top5_cls``, ``wsol/top1_loc``,
    ``wsol/top5_loc``, ``wsol/gt_known``, each localization value with its
    threshold (``wsol/gt_known_thr``). They are those of the protocol
    'wsoleval' at IoU 0.5; otherwise both are part of the key
    (``wsol/gt_known_tscam_iou30``), and so is ``all_contours``.

    Protocol 'scm' scores the map of the *predicted* class as GT-Known, and
    reports ``gt_known_top5`` besides: a box of one of five maps is good.

    Args:
        protocol (str | dict | Protocol): See :class:`BoxMetric`.
        iou_thr (float): IoU bound in (0, 1].
        topk (Sequence[int]): Values of k; none leave GT-Known only.
        **kwargs: Further ones of :class:`BoxMetric`. Without threshold
            'tscam' has 0.1, others the best of a grid of 0.01.
    """

    def __init__(
        self,
        protocol: str | dict | Protocol = DEFAULT_PROTOCOL,
        iou_thr: float = 0.5,
        topk: Sequence[int] = (1, 5),
        **kwargs: Any,
    ) -> None:
        super().__init__(protocol, iou_thrs=(iou_thr,), **kwargs)
        self.topk = tuple(topk)
        if any(k < 1 for k in self.topk):
            raise ValueError(f'Expected `topk` >= 1, but got {topk}.')
        several = [k for k in self.topk if k > 1]
        if self.protocol.gt_known_map != 'predicted':
            several = []
        self.titles = {
            'gt_known': 'GT-Known',
            WHOLE: 'Whole image',
            **{f'gt_known_top{k}': f'GT-Known Top-{k}' for k in several},
            **{f'top{k}_loc': f'Top-{k} Loc' for k in self.topk},
            **{f'top{k}_cls': f'Top-{k} Cls' for k in self.topk},
        }

    def hits(self, sample: SampleView) -> dict[str, np.ndarray | bool]:
        """Hits of one image; see ``BoxMetric``."""
        label, bound = sample.gt_label, self.iou_thrs[0]
        localized = sample.localized_label(self.protocol)
        known = self.best_ious(sample, localized)
        boxes = sample.boxes(localized, self.protocol, self.cam_thrs)
        hits: dict[str, np.ndarray | bool] = {
            'gt_known': self.good(known, bound),
            WHOLE: box_areas(boxes) >= WHOLE_AREA * np.prod(sample.img_shape),
        }
        right = {k: label in sample.ranking[:k] for k in self.topk}
        good = False
        if any(right.values()):
            # A right predicted class is the ground truth: one map for all k.
            ious = self.best_ious(sample, label)
            good = self.good(ious, bound, self.protocol.topk_strict)
        for k in self.topk:
            hits[f'top{k}_loc'] = good & right[k]
            hits[f'top{k}_cls'] = right[k]
            if f'gt_known_top{k}' in self.titles:
                labels = sample.ranking[:k].tolist()
                ious = [self.best_ious(sample, label) for label in labels]
                best = np.max(ious, axis=0)
                hits[f'gt_known_top{k}'] = self.good(best, bound)
        return hits

    def scores_from(self, rates: dict[str, np.ndarray]) -> list[Score]:
        """Classification, then localization; see ``BoxMetric``."""
        shared = self.protocol.topk_thr == 'gt-known'
        cls, boxes = [], []
        for name, title in self.titles.items():
            rate = rates[name]
            if name.endswith('_cls'):
                cls.append(self.score(name, title, rate[0]))
            elif name != WHOLE:
                chooser = rates['gt_known'] if shared else rate
                whole = rates[WHOLE] if name == 'gt_known' else None
                boxes.append(
                    self.best(name, title, rate, chooser, whole_image=whole)
                )
        return cls + boxes
