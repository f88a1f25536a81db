"""Count hits of boxes at every threshold, the base of the box metrics."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmscm.functional.boxes import pairwise_iou

from .protocols import DEFAULT_PROTOCOL, Protocol, get_protocol
from .sample import SampleView
from .score import FIXED, ORACLE, UNTHRESHOLDED, Curve, Score, values_of

_CHUNK = 1024  # images unpacked at a time


class BoxMetric(BaseMetric):
    """Rates of hits at every threshold, streaming.

    A subclass names its hits (:attr:`titles`), finds those of an image
    (:meth:`hits`) and makes values of their rates (:meth:`scores_of`). The
    bits of an image are kept, so that those of all processes can be joined.
    A model that predicts boxes (``pred_bboxes``) has them scored as they are:
    no threshold is involved.

    Args:
        protocol (str | dict | Protocol): 'wsoleval', 'tscam', 'scm', 'gtmap'
            or 'pixels', or a dict with its name and other fields.
        cam_thr (float, optional): Fixed threshold, a fraction of the
            maximum of the map.
        cam_thrs (Sequence[float] | float, optional): Thresholds of which
            the best on the evaluated set counts, for each value
            separately; a number is the step of a grid over [0, 1). Without
            both, those of the protocol.
        iou_thrs (Sequence[float]): IoU bounds in (0, 1].
        all_contours (bool): Boxes of all contours instead of the largest.
        **kwargs: Those of ``BaseMetric``. `prefix` tells instances apart
            that differ in their thresholds only.

    Attributes:
        scores (list[Score]): The values of the last evaluation, with their
            curves over the thresholds. Only the main process has them.
    """

    default_prefix = 'wsol'

    def __init__(
        self,
        protocol: str | dict | Protocol = DEFAULT_PROTOCOL,
        cam_thr: float | None = None,
        cam_thrs: Sequence[float] | float | None = None,
        iou_thrs: Sequence[float] = (0.5,),
        all_contours: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.protocol = get_protocol(protocol)
        self.cam_thrs = _thresholds(self.protocol, cam_thr, cam_thrs)
        self.iou_thrs = _iou_bounds(iou_thrs)
        self.all_contours = all_contours
        if all_contours and self.protocol.component == 'pixels':
            raise ValueError(
                'Expected a protocol with contours for `all_contours`, but '
                f'got {self.protocol.name!r}, which counts pixels.'
            )
        self.scores: list[Score] = []
        self._boxes_given = False

    @property
    @abstractmethod
    def titles(self) -> dict[str, str]:
        """Names of the hits with what tables call their rates."""

    @abstractmethod
    def hits(self, sample: SampleView) -> Mapping[str, np.ndarray | bool]:
        """Hits of one image by name: one boolean, or one a threshold (T,)."""

    @abstractmethod
    def scores_of(self, rates: dict[str, np.ndarray]) -> list[Score]:
        """Values of the whole set, from percents by name, each (T,)."""

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Score a batch; see ``BaseMetric``."""
        for data in data_samples:
            sample = SampleView(data)
            self._boxes_given = self._boxes_given or sample.has_boxes
            if self._boxes_given != sample.has_boxes:
                raise ValueError(
                    'Expected `pred_bboxes` of all images or of none, but got '
                    f'none of the image {sample.name}.'
                )
            hits = self.hits(sample)
            rows = [
                np.broadcast_to(hits[name], self.cam_thrs.shape)
                for name in self.titles
            ]
            self.results.append(np.packbits(rows))

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images; see ``BaseMetric``."""
        self.scores = self.scores_of(self._rates(results))
        for score in self.scores:
            name = f'{type(self).__name__} [{score.protocol}]'
            print_log(f'{name}: {score}', logger='current')
        return values_of(self.scores)

    def _rates(self, results: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        if not results:
            raise ValueError(
                'Expected at least one scored image, but got none.'
            )
        shape = len(self.titles), len(self.cam_thrs)
        total = np.zeros(shape[0] * shape[1])
        for start in range(0, len(results), _CHUNK):
            packed = np.stack(results[start : start + _CHUNK])
            total += np.unpackbits(packed, axis=1, count=total.size).sum(0)
        rates = (total / len(results) * 100).reshape(shape)
        return dict(zip(self.titles, rates, strict=True))

    def best_ious(self, sample: SampleView, label: int) -> np.ndarray:
        """Largest IoU of any found box with any true box.

        Args:
            sample (SampleView): Prediction and ground truth of an image.
            label (int): Class whose map is scored.

        Returns:
            np.ndarray: IoU at each threshold, shape (T,).
        """
        found = sample.level_boxes(
            label, self.protocol, self.cam_thrs, self.all_contours
        )
        true_boxes = sample.true_boxes(self.protocol)
        ious = pairwise_iou(found.boxes, true_boxes, inclusive=True).max(1)
        return np.maximum.reduceat(ious, found.starts)[found.level_of_thr]

    def good(self, ious: np.ndarray, bound: float) -> np.ndarray:
        """Are boxes good at an IoU bound, as the protocol compares them."""
        strict = self.protocol.gt_known_strict
        return ious > bound if strict else ious >= bound

    def score(
        self, name: str, title: str, percent: float, **fields: Any
    ) -> Score:
        """A value of this metric; ``fields`` are those of :class:`Score`."""
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

    def best(
        self,
        name: str,
        title: str,
        curve: np.ndarray,
        chooser: np.ndarray | None = None,
        **fields: Any,
    ) -> Score:
        """The value where a curve (T,) has its first maximum.

        Args:
            name (str): See :class:`Score`.
            title (str): See :class:`Score`.
            curve (np.ndarray): Percent at each threshold, shape (T,).
            chooser (np.ndarray, optional): The maximum of this one counts
                instead, shape (T,).
            **fields: Further ones of :class:`Score`.
        """
        if self._boxes_given:  # the same at all thresholds
            fields = fields | dict(origin=self.origin)
            return self.score(name, title, curve[0], **fields)
        index = int((curve if chooser is None else chooser).argmax())
        return self.score(
            name,
            title,
            curve[index],
            origin=self.origin,
            # 0.35, not 0.35000...3
            cam_thr=round(float(self.cam_thrs[index]), 10),
            curve=Curve(self.cam_thrs, curve),
            **fields,
        )

    @property
    def origin(self) -> str:
        """Where the threshold is from."""
        if self._boxes_given:
            return UNTHRESHOLDED
        return FIXED if len(self.cam_thrs) == 1 else ORACLE


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
