"""Measure why Top-1 localization fails, as TS-CAM splits it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmscm.functional.boxes import box_areas, intersection_areas, pairwise_iou
from mmscm.registry import METRICS

from .box_metric import BoxMetric
from .protocols import DEFAULT_PROTOCOL, Protocol
from .sample import SampleView
from .score import Score

ERRORS = ('right', 'cls_wrong', 'multi_instances', 'part', 'more', 'wrong')


@METRICS.register_module()
class Top1Errors(BoxMetric):
    """Split of the images by what is wrong with the Top-1 box, in percent.

    Keys: ``wsol/error_right``, ``wsol/error_cls_wrong``,
    ``wsol/error_multi_instances``, ``wsol/error_part``,
    ``wsol/error_more``, ``wsol/error_wrong`` (they sum to 100; see
    :func:`top1_error`) and
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
        super().__init__(protocol, cam_thr=cam_thr, **kwargs)

    @property
    def titles(self) -> dict[str, str]:
        """Names of the errors with what tables call their shares."""
        return {name: name.replace('_', ' ') for name in ERRORS}

    def hits(self, sample: SampleView) -> dict[str, bool]:
        """Which error an image has; see ``BoxMetric``."""
        label = int(sample.ranking[0])
        error = top1_error(
            label == sample.gt_label,
            sample.boxes(label, self.protocol, self.cam_thrs)[0],
            sample.true_boxes(self.protocol),
        )
        return {name: name == error for name in ERRORS}

    def scores_of(self, rates: dict[str, np.ndarray]) -> list[Score]:
        """The share of every error; see ``BoxMetric``."""
        return [
            self.score(f'error_{name}', title, rates[name][0])
            for name, title in self.titles.items()
        ]

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images, one threshold; see ``BaseMetric``."""
        metrics = super().compute_metrics(results)
        key = self.score('error', '', 0).short_key
        return metrics | {f'{key}_thr': float(self.cam_thrs[0])}


def top1_error(
    class_is_right: bool, box: np.ndarray, true_boxes: np.ndarray
) -> str:
    """Name the error of a Top-1 prediction.

    The first that holds: 'cls_wrong', the class is wrong; 'right', IoU
    above 0.5; 'multi_instances', the box covers more than 0.3 of each of
    several objects; 'part', more than half of the box lies in the object;
    'more', the box covers 0.7 of the object or more; else 'wrong'. "The
    object" is that of largest IoU, the first if none is touched. Areas
    count border pixels.

    Args:
        class_is_right (bool): The most probable class is the label.
        box (np.ndarray): Predicted box xyxy in pixels, shape (4,).
        true_boxes (np.ndarray): True boxes xyxy in pixels, shape (M, 4).

    Returns:
        str: One of ``ERRORS``.
    """
    if not class_is_right:
        return 'cls_wrong'
    box = np.asarray(box)[None]
    ious = pairwise_iou(box, true_boxes, inclusive=True)[0]
    if ious.max() > 0.5:
        return 'right'
    shared = intersection_areas(box, true_boxes, inclusive=True)[0]
    of_object = shared / box_areas(true_boxes, inclusive=True)  # IoG
    if (of_object > 0.3).sum() > 1:
        return 'multi_instances'
    best = ious.argmax()
    if shared[best] > 0.5 * box_areas(box, inclusive=True)[0]:
        return 'part'
    return 'more' if of_object[best] >= 0.7 else 'wrong'
