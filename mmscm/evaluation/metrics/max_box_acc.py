"""MaxBoxAcc and MaxBoxAccV2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmscm.evaluation.protocols import DEFAULT_PROTOCOL, Protocol, get_protocol
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.score import V2_IOU_THRS, values_of
from mmscm.registry import METRICS

from .box_metric import BoxMetric


@METRICS.register_module()
class MaxBoxAcc(BoxMetric):
    """Localization at the best threshold, averaged over IoU bounds.

    For each IoU bound the share of images with a good box, at the threshold
    that maximises it on the evaluated set; then the mean over bounds. V1
    ("Evaluating WSOL methods right") is the default, V2 has
    ``iou_thrs=(0.3, 0.5, 0.7), all_contours=True``.

    Keys: ``wsol/max_box_acc``, with all contours ``wsol/max_box_acc_v2``; a
    protocol or IoU bounds that are not the default follow
    (``wsol/max_box_acc_scm_iou70``). One bound comes with its threshold
    (``wsol/max_box_acc_thr``), several with the value and threshold of each
    (``wsol/max_box_acc_v2_at30``, ``wsol/max_box_acc_v2_at30_thr``).

    Args:
        protocol (str | Protocol): See :class:`BoxMetric`. The class is that
            of the protocol's GT-Known; 'scm' scores the predicted one and
            publishes no mean.
        cam_thrs (Sequence[float] | float, optional): Thresholds, or the
            step of a grid over [0, 1). Defaults to the protocol's grid,
            0.01; wsolevaluation used 0.001 too.
        iou_thrs (Sequence[float]): IoU bounds in (0, 1].
        all_contours (bool): Boxes of all contours, those around holes
            included, instead of the one of largest polygon area.
        **kwargs: See :class:`BoxMetric`.
    """

    def __init__(
        self,
        protocol: str | Protocol = DEFAULT_PROTOCOL,
        cam_thrs: Sequence[float] | float | None = None,
        iou_thrs: Sequence[float] = (0.5,),
        all_contours: bool = False,
        **kwargs: Any,
    ) -> None:
        if cam_thrs is None:  # also where the protocol has a fixed one
            cam_thrs = get_protocol(protocol).cam_thr_step
        super().__init__(
            protocol, None, cam_thrs, iou_thrs, all_contours, **kwargs
        )

    @property
    def hit_shape(self) -> tuple[int, int]:
        """IoU bounds by thresholds."""
        return len(self.iou_thrs), len(self.cam_thrs)

    def score(self, sample: SampleView) -> np.ndarray:
        """Hits of one image, shape ``hit_shape``."""
        predicted = self.protocol.gt_known_map == 'predicted'
        label = int(sample.ranking[0]) if predicted else sample.gt_label
        bounds = np.array(self.iou_thrs)[:, None]
        return self.best_ious(sample, label) >= bounds

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images; see ``BaseMetric``."""
        curves, (first, *others) = self.rates(results), self.iou_thrs
        name = 'max_box_acc_v2' if self.all_contours else 'max_box_acc'
        self.scores = []
        if others:
            mean = curves.max(1).mean()
            value = self.value(name, 'MaxBoxAcc', mean, origin=self.origin)
            self.scores.append(value)
        for iou, curve in zip(self.iou_thrs, curves, strict=True):
            alone = not others
            title = 'MaxBoxAcc' if alone and first == 0.5 else f'IoU {iou:g}'
            best, at_iou = int(curve.argmax()), None if alone else iou
            self.scores.append(self.at(name, title, curve, best, at_iou))
        return values_of(self.scores)

    @property
    def key(self) -> str:
        """Key of the value, without prefix."""
        if self.all_contours:
            return 'max_box_acc_v2' + self.suffix(V2_IOU_THRS)
        return 'max_box_acc' + self.suffix()
