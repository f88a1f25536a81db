"""Measure MaxBoxAcc and MaxBoxAccV2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmscm.registry import METRICS

from .box_metric import BoxMetric
from .protocols import DEFAULT_PROTOCOL, Protocol, get_protocol
from .sample import SampleView
from .score import Score


@METRICS.register_module()
class MaxBoxAcc(BoxMetric):
    """Localization at the best threshold, averaged over IoU bounds.

    For each IoU bound the share of images with a good box, at the threshold
    that maximises it on the evaluated set; then the mean over bounds. V1
    ("Evaluating WSOL methods right") is the default, V2 has
    ``iou_thrs=(0.3, 0.5, 0.7), all_contours=True``. The class is that of the
    protocol's GT-Known; 'scm' scores the predicted one, publishing no mean.

    Keys: ``wsol/max_box_acc``, with all contours ``wsol/max_box_acc_v2``; a
    protocol or IoU bounds that are not the default follow
    (``wsol/max_box_acc_scm_iou70``). One bound comes with its threshold
    (``wsol/max_box_acc_thr``), several with the value and threshold of each
    (``wsol/max_box_acc_v2_at30``, ``wsol/max_box_acc_v2_at30_thr``).

    Args:
        protocol (str | dict | Protocol): See :class:`BoxMetric`.
        cam_thrs (Sequence[float] | float, optional): See there. Defaults to
            the protocol's grid, 0.01; wsolevaluation used 0.001 too.
        **kwargs: Further ones of :class:`BoxMetric`.
    """

    def __init__(
        self,
        protocol: str | dict | Protocol = DEFAULT_PROTOCOL,
        cam_thrs: Sequence[float] | float | None = None,
        **kwargs: Any,
    ) -> None:
        if cam_thrs is None:  # also where the protocol has a fixed one
            cam_thrs = get_protocol(protocol).cam_thr_step
        super().__init__(protocol, cam_thrs=cam_thrs, **kwargs)
        self.titles = {f'{iou:g}': f'IoU {iou:g}' for iou in self.iou_thrs}

    def hits(self, sample: SampleView) -> dict[str, np.ndarray]:
        """Hits of one image; see ``BoxMetric``."""
        label = sample.localized_label(self.protocol)
        ious = self.best_ious(sample, label)
        return {f'{iou:g}': self.good(ious, iou) for iou in self.iou_thrs}

    def scores_from(self, rates: dict[str, np.ndarray]) -> list[Score]:
        """The mean over several bounds, then each; see ``BoxMetric``."""
        name, title = 'max_box_acc', 'MaxBoxAcc'
        if self.all_contours:
            name, title = 'max_box_acc_v2', 'MaxBoxAccV2'
        if len(self.iou_thrs) == 1:
            (iou,) = self.titles.values()
            column = title if self.iou_thrs == (0.5,) else iou
            return [self.best(name, column, *rates.values())]
        mean = np.mean([curve.max() for curve in rates.values()])
        return [
            self.score(name, title, mean, origin=self.origin),
            *(
                self.best(name, f'IoU {iou:g}', rates[f'{iou:g}'], at_iou=iou)
                for iou in self.iou_thrs
            ),
        ]
