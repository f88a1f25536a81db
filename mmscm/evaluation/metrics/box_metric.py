"""What the box metrics share: protocol, thresholds, names, reporting."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmscm.evaluation.hit_rows import hit_rates, pack_hits
from mmscm.evaluation.protocols import DEFAULT_PROTOCOL, Protocol, get_protocol
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.score import FIXED, ORACLE, Curve, Score
from mmscm.evaluation.scoring import best_ious


class BoxMetric(BaseMetric):
    """A rate of hits at every threshold, streaming.

    A subclass says what hits an image has (:meth:`score`). One row of bits
    an image is kept, so the rows of all processes can be joined.

    Args:
        protocol (str | Protocol): 'wsoleval', 'tscam', 'scm', 'gtmap'.
        cam_thr (float, optional): Fixed threshold, a fraction of the
            maximum of the map.
        cam_thrs (Sequence[float] | float, optional): Thresholds of which
            the best on the evaluated set counts, for each value
            separately; a number is the step of a grid over [0, 1).
        iou_thrs (Sequence[float]): IoU bounds in (0, 1].
        all_contours (bool): Boxes of all contours instead of the largest.
        **kwargs: Those of ``BaseMetric``. `prefix` tells instances apart
            that differ in their thresholds only.

    Attributes:
        scores (list[Score]): The values of the last evaluation.
        curves (dict[str, np.ndarray]): Percent at each of ``cam_thrs``, by
            key without prefix, once the metric was computed.
    """

    default_prefix = 'wsol'

    def __init__(
        self,
        protocol: str | Protocol,
        cam_thr: float | None,
        cam_thrs: Sequence[float] | float | None,
        iou_thrs: Sequence[float],
        all_contours: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.protocol = get_protocol(protocol)
        self.cam_thrs = _thresholds(self.protocol, cam_thr, cam_thrs)
        self.iou_thrs = _iou_bounds(iou_thrs)
        self.all_contours = all_contours
        self.curves: dict[str, np.ndarray] = {}
        self.scores: list[Score] = []

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Score a batch; see ``BaseMetric``."""
        for data in data_samples:
            self.results.append(pack_hits(self.score(SampleView(data))))

    @abstractmethod
    def score(self, sample: SampleView) -> np.ndarray:
        """Hits of one image, booleans of shape ``hit_shape``."""

    @property
    @abstractmethod
    def hit_shape(self) -> tuple[int, ...]:
        """Shape of the hits of one image."""

    def best_ious(self, sample: SampleView, label: int) -> np.ndarray:
        """IoU of the map of one class at each threshold, shape (T,)."""
        return best_ious(
            sample, label, self.protocol, self.cam_thrs, self.all_contours
        )

    def rates(self, results: list[np.ndarray]) -> np.ndarray:
        """Percent of hits over all images, shape ``hit_shape``."""
        return hit_rates(results, self.hit_shape)

    def suffix(self, usual: Sequence[float] = (0.5,)) -> str:
        """Protocol and IoU bounds that are not the usual ones, for keys."""
        name = self.protocol.name
        parts = [] if name == DEFAULT_PROTOCOL else [name]
        if self.iou_thrs != tuple(usual):
            parts.append('iou' + '-'.join(map(percent, self.iou_thrs)))
        return ''.join(f'_{part}' for part in parts)

    def value(
        self, name: str, title: str, percent: float, **fields: Any
    ) -> Score:
        """A value of this metric."""
        return Score(
            name,
            title,
            float(percent),
            protocol=self.protocol.name,
            prefix=self.prefix,
            iou_thrs=self.iou_thrs,
            all_contours=self.all_contours,
            **fields,
        )

    def at(
        self,
        name: str,
        title: str,
        curve: np.ndarray,
        index: int,
        at_iou: float | None = None,
    ) -> Score:
        """Value of a curve (T,) at one of the thresholds."""
        thr = round(float(self.cam_thrs[index]), 10)  # 0.35, not 0.35000...3
        score = self.value(
            name,
            title,
            curve[index],
            at_iou=at_iou,
            origin=self.origin,
            cam_thr=thr,
            curve=Curve(self.cam_thrs, curve),
        )
        key = score.short_key
        self.curves[key] = curve
        self.log(f'{key} {curve[index]:.2f} at cam_thr {thr:g}')
        return score

    @property
    def origin(self) -> str:
        """Where the threshold is from."""
        return FIXED if len(self.cam_thrs) == 1 else ORACLE

    def log(self, text: str) -> None:
        """Log a result with its protocol and where its threshold is from."""
        count = len(self.cam_thrs)
        origin = (
            'fixed' if count == 1 else f'best of {count} on the evaluated set'
        )
        name = f'{type(self).__name__} [{self.protocol.name}]'
        print_log(f'{name}: {text} ({origin})', logger='current')


def percent(fraction: float) -> str:
    """A fraction as it is written in keys: 0.5 -> '50'."""
    return f'{fraction * 100:g}'


def _thresholds(
    protocol: Protocol,
    cam_thr: float | None,
    cam_thrs: Sequence[float] | float | None,
) -> np.ndarray:
    if cam_thr is not None and cam_thrs is not None:
        raise ValueError(
            'Expected either `cam_thr` (fixed) or `cam_thrs` (the best '
            'counts), but got both.'
        )
    if cam_thr is None and cam_thrs is None:
        cam_thr, cam_thrs = protocol.cam_thr, protocol.cam_thr_step
    if cam_thr is not None:
        cam_thrs = [cam_thr]
    elif isinstance(cam_thrs, float) and 0 < cam_thrs < 1:
        cam_thrs = np.arange(0, 1, cam_thrs)
    thrs = np.atleast_1d(np.asarray(cam_thrs, dtype=np.float64))
    if thrs.ndim != 1 or not thrs.size or thrs.min() < 0 or thrs.max() >= 1:
        raise ValueError(
            'Expected `cam_thr` and `cam_thrs` in [0, 1), but got '
            f'{cam_thrs}. They are fractions of the maximum of the map.'
        )
    return thrs


def _iou_bounds(iou_thrs: Sequence[float]) -> tuple[float, ...]:
    iou_thrs = tuple(iou_thrs)
    if not iou_thrs or not all(0 < iou <= 1 for iou in iou_thrs):
        raise ValueError(
            f'Expected `iou_thrs` in (0, 1], but got {iou_thrs}. IoU bounds '
            'are fractions, not percents.'
        )
    return iou_thrs
