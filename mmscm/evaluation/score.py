"""Describe one value of a metric as data and build its key."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from mmengine.logging import print_log

from .protocols import DEFAULT_PROTOCOL

FIXED = 'fixed'
ORACLE = 'oracle'
UNTHRESHOLDED = 'none'
V2_IOU_THRS = (0.3, 0.5, 0.7)
EDGE = 0.01  # a box of what is above so little is not about the object
MANY_WHOLE = 30  # percent


class Curve(NamedTuple):
    """A value at every threshold of a grid."""

    cam_thrs: np.ndarray  # fractions of the maximum of a map, shape (T,)
    percent: np.ndarray  # the value at each, shape (T,)


@dataclass(frozen=True)
class Score:
    """One value of a metric."""

    name: str  # 'gt_known', 'top1_loc', 'max_box_acc', 'px_ap', ...
    title: str  # the same for people, a column of a table: 'Top-1 Loc'
    percent: float
    protocol: str  # its name
    prefix: str = 'wsol'  # of the metric's keys
    iou_thrs: tuple[float, ...] = ()  # bounds; none where pixels are compared
    at_iou: float | None = None  # one of several bounds; None for their mean
    all_contours: bool = False  # see :class:`BoxMetric`
    # 'fixed' threshold, 'oracle': the best on the evaluated set, or the split
    # that a stored one was chosen on, 'val'; 'none' if the model predicts
    # boxes and not maps. None if boxes and masks have no part in the value.
    origin: str | None = None
    # Fraction of the maximum of the map. None if there is none, and for a mean
    # of values that have each its own.
    cam_thr: float | None = None
    # the value, and percent of the boxes that are the whole image, shape (T,),
    # at every threshold of the metric
    curve: Curve | None = field(default=None, compare=False, repr=False)
    whole_image: np.ndarray | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def key(self) -> str:
        """Key among the values of an evaluator: 'wsol/top1_loc_tscam'."""
        return f'{self.prefix}/{self.short_key}'

    @property
    def short_key(self) -> str:
        """The key without prefix: name and what is not the default."""
        v2 = self.name == 'max_box_acc_v2'
        parts = [self.name]
        if self.protocol != DEFAULT_PROTOCOL:
            parts.append(self.protocol)
        if self.iou_thrs not in ((), V2_IOU_THRS if v2 else (0.5,)):
            parts.append('iou' + '-'.join(map(_in_percent, self.iou_thrs)))
        if self.all_contours and not v2:
            parts.append('all_contours')
        if self.at_iou is not None:
            parts.append('at' + _in_percent(self.at_iou))
        return '_'.join(parts)

    def __str__(self) -> str:
        at = '' if self.cam_thr is None else f' at cam_thr {self.cam_thr:g}'
        of = f' ({self.origin})' if self.origin else ''
        if self.origin == ORACLE and self.curve is not None:
            count = len(self.curve.percent)
            of = f' (best of {count} on the evaluated set)'
        return f'{self.short_key} {self.percent:.2f}{at}{of}'

    @property
    def chosen_thr(self) -> float | None:
        """The threshold; None if no image of the set chose it."""
        nothing = self.origin == ORACLE and self.percent == 0
        return None if nothing else self.cam_thr

    @property
    def doubts(self) -> list[str]:
        """What speaks against the threshold, in words."""
        if self.curve is None or self.cam_thr is None:
            return []
        thrs, doubts = self.curve.cam_thrs, []
        last = len(thrs) > 1 and self.cam_thr >= thrs[-1]
        if self.origin != FIXED and (self.cam_thr <= EDGE or last):
            doubts.append(
                f'the threshold {self.cam_thr:g} is on the edge of its grid'
            )
        if self.whole_image is not None:
            at = int(np.abs(thrs - self.cam_thr).argmin())
            if self.whole_image[at] > MANY_WHOLE:
                doubts.append(
                    f'{self.whole_image[at]:.0f} % of the boxes at '
                    f'{self.cam_thr:g} are the whole image'
                )
        return doubts

    def at(self, cam_thr: float | None, origin: str) -> Score | None:
        """The same value at a threshold that was chosen on ``origin``.

        None without one, or if the curve does not have it.
        """
        if self.curve is None or cam_thr is None:
            return None
        index = int(np.abs(self.curve.cam_thrs - cam_thr).argmin())
        if abs(self.curve.cam_thrs[index] - cam_thr) > 1e-9:
            return None
        percent = float(self.curve.percent[index])
        return replace(self, percent=percent, cam_thr=cam_thr, origin=origin)


def values_of(scores: list[Score]) -> dict[str, float]:
    """What a metric returns: percents and thresholds by key without prefix."""
    values = {}
    for score in scores:
        values[score.short_key] = score.percent
        values[f'{score.short_key}_thr'] = score.cam_thr
    return {key: value for key, value in values.items() if value is not None}


def warn_of_doubts(scores: Iterable[Score]) -> None:
    """Log what speaks against the thresholds of GT-Known."""
    for score in scores:
        for doubt in score.doubts if score.name == 'gt_known' else ():
            text = f'{score.key}: {doubt}'
            print_log(text, logger='current', level=logging.WARNING)


def _in_percent(fraction: float) -> str:
    return f'{fraction * 100:g}'
