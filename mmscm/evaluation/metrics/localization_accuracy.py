"""Top-k localization, GT-Known and top-k classification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmscm.evaluation.protocols import DEFAULT_PROTOCOL, Protocol
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.score import values_of
from mmscm.registry import METRICS

from .box_metric import BoxMetric


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
        protocol (str | Protocol): See :class:`BoxMetric`.
        cam_thr (float, optional): Fixed threshold.
        cam_thrs (Sequence[float] | float, optional): Thresholds of which
            the best on the evaluated set counts, or their step. Without
            both, the protocol's: 'tscam' 0.1, others the best of a grid of
            0.01.
        iou_thr (float): IoU bound in (0, 1].
        topk (Sequence[int]): Values of k.
        all_contours (bool): Boxes of all contours instead of the largest.
        **kwargs: See :class:`BoxMetric`.
    """

    def __init__(
        self,
        protocol: str | Protocol = DEFAULT_PROTOCOL,
        cam_thr: float | None = None,
        cam_thrs: Sequence[float] | float | None = None,
        iou_thr: float = 0.5,
        topk: Sequence[int] = (1, 5),
        all_contours: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            protocol, cam_thr, cam_thrs, (iou_thr,), all_contours, **kwargs
        )
        self.topk = tuple(topk)
        if not self.topk or min(self.topk) < 1:
            raise ValueError(f'Expected `topk` >= 1, but got {topk}.')
        self.predicted = self.protocol.gt_known_map == 'predicted'

    @property
    def box_names(self) -> dict[str, str]:
        """Values that depend on a threshold, GT-Known first, with titles."""
        names = {'gt_known': 'GT-Known'}
        if self.predicted:
            names |= {
                f'gt_known_top{k}': f'GT-Known Top-{k}'
                for k in self.topk
                if k > 1
            }
        return names | {f'top{k}_loc': f'Top-{k} Loc' for k in self.topk}

    @property
    def hit_shape(self) -> tuple[int, int]:
        """Boxes and then classes, by thresholds: (values, T)."""
        count = len(self.box_names) + len(self.topk)
        return count, len(self.cam_thrs)

    def score(self, sample: SampleView) -> np.ndarray:
        """Hits of one image, shape ``hit_shape``."""
        label = sample.gt_label
        in_topk = [label in sample.ranking[:k] for k in self.topk]
        strict = self.protocol.topk_strict
        # A right predicted class is the ground truth: one map serves all k.
        good = any(in_topk) and self.good(sample, label, strict)
        locs = [hit & good for hit in in_topk]
        rows = [*self.gt_known(sample), *locs, *in_topk]
        return np.stack([np.broadcast_to(r, self.hit_shape[1]) for r in rows])

    def gt_known(self, sample: SampleView) -> list[np.ndarray]:
        """GT-Known, and with predicted maps its top-k; each (T,)."""
        if not self.predicted:
            return [self.good(sample, sample.gt_label)]
        counts = [1, *(k for k in self.topk if k > 1)]
        classes = sample.ranking[: max(counts)]
        good = np.stack([self.good(sample, int(c)) for c in classes])
        return [good[:k].any(0) for k in counts]

    def good(
        self, sample: SampleView, label: int, strict: bool = False
    ) -> np.ndarray:
        """Is the box of a class's map good, shape (T,)."""
        ious = self.best_ious(sample, label)
        return ious > self.iou_thrs[0] if strict else ious >= self.iou_thrs[0]

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images; see ``BaseMetric``."""
        rates = self.rates(results)
        names = self.box_names
        self.scores = [
            self.value(f'top{k}_cls', f'Top-{k} Cls', rate)
            for k, rate in zip(self.topk, rates[len(names) :, 0], strict=True)
        ]
        for (name, title), curve in zip(names.items(), rates, strict=False):
            shared = name.endswith('_loc') and self.protocol.topk_thr != 'own'
            chooser = rates[0] if shared else curve
            index = int(chooser.argmax())
            self.scores.append(self.at(name, title, curve, index))
        return values_of(self.scores)

    def suffix(self) -> str:
        """What tells this metric's keys from the default's."""
        contours = '_all_contours' if self.all_contours else ''
        return super().suffix() + contours
