"""Shares of the reasons why Top-1 localization fails."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmscm.evaluation.error_split import ERRORS, top1_error
from mmscm.evaluation.protocols import DEFAULT_PROTOCOL, Protocol
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.scoring import found_boxes
from mmscm.registry import METRICS

from .box_metric import BoxMetric


@METRICS.register_module()
class Top1Errors(BoxMetric):
    """Split of the images by what is wrong with the Top-1 box, in percent.

    Keys: ``wsol/error_right``, ``wsol/error_cls_wrong``,
    ``wsol/error_multi_instances``, ``wsol/error_part``,
    ``wsol/error_more``, ``wsol/error_wrong`` (they sum to 100; see
    :func:`~mmscm.evaluation.error_split.top1_error`) and
    ``wsol/error_thr``; a protocol that is not the default is part of the
    key (``wsol/error_right_tscam``, ``wsol/error_tscam_thr``).

    Args:
        protocol (str | Protocol): See :class:`BoxMetric`.
        cam_thr (float): Fixed threshold, a fraction of the maximum.
        **kwargs: See :class:`BoxMetric`.
    """

    def __init__(
        self,
        cam_thr: float,
        protocol: str | Protocol = DEFAULT_PROTOCOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(protocol, cam_thr, None, (0.5,), False, **kwargs)

    @property
    def hit_shape(self) -> tuple[int]:
        """One bit an error."""
        return (len(ERRORS),)

    def score(self, sample: SampleView) -> np.ndarray:
        """Which error an image has, one-hot."""
        error = self.error(sample)
        return np.array([name == error for name in ERRORS])

    def error(self, sample: SampleView) -> str:
        """Name of the error of one image, one of ``ERRORS``."""
        label = int(sample.ranking[0])
        boxes = found_boxes(sample, label, self.protocol, self.cam_thrs)
        true_boxes = self.protocol.true_boxes(
            sample.gt_bboxes, sample.img_shape
        )
        return top1_error(label == sample.gt_label, boxes[0], true_boxes)

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images; see ``BaseMetric``."""
        rates = self.rates(results)
        suffix = self.suffix()
        split = ', '.join(
            f'{name} {rate:.2f}'
            for name, rate in zip(ERRORS, rates, strict=True)
        )
        self.log(f'{split} at cam_thr {self.cam_thrs[0]:g}')
        self.scores = [
            self.value(
                f'error_{name}',
                name,
                rate,
                origin=self.origin,
                cam_thr=float(self.cam_thrs[0]),
            )
            for name, rate in zip(ERRORS, rates, strict=True)
        ]
        values = {score.short_key: score.percent for score in self.scores}
        return values | {f'error{suffix}_thr': float(self.cam_thrs[0])}
