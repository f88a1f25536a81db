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


class ScoreMetric(BaseMetric):
    """A metric whose values are :class:`Score`.

    Args:
        protocol (str | dict | Protocol): 'wsoleval', 'tscam', 'scm', 'gtmap'
            or 'pixels', or a dict with its name and other fields.
        **kwargs: Those of ``BaseMetric``. `prefix` tells instances apart
            that differ in their thresholds only.

    Attributes:
        scores (list[Score]): The values of the last evaluation, with their
            curves over the thresholds. Only the main process has them.
    """

    default_prefix = 'wsol'

    def __init__(
        self, protocol: str | dict | Protocol = DEFAULT_PROTOCOL, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.protocol = get_protocol(protocol)
        self.shared = dict(protocol=self.protocol.name, prefix=self.prefix)
        self.scores: list[Score] = []

    @abstractmethod
    def scores_of(self, results: Sequence[np.ndarray]) -> list[Score]:
        """Values of the whole set, from what is kept of each image."""

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Percent of all images; see ``BaseMetric``."""
        if not results:
            raise ValueError('Expected at least one scored image, got none.')
        self.scores = self.scores_of(results)
        for score in self.scores:
            name = f'{type(self).__name__} [{score.protocol}]'
            print_log(f'{name}: {score}', logger='current')
        return values_of(self.scores)

    def score(
        self, name: str, title: str, percent: float, **fields: Any
    ) -> Score:
        """A value of this metric; ``fields`` are those of :class:`Score`."""
        return Score(name, title, float(percent), **self.shared | fields)

    def score_at(
        self, name: str, title: str, index: int, curve: Curve, **fields: Any
    ) -> Score:
        """The value of a curve at one of its thresholds."""
        cam_thr = round(float(curve.cam_thrs[index]), 10)  # 0.35, not ...003
        fields |= dict(curve=curve, cam_thr=cam_thr)
        return self.score(name, title, curve.percent[index], **fields)


class BoxMetric(ScoreMetric):
    """Rates of hits at every threshold, streaming.

    A subclass names its hits (``titles``, with what tables call their
    rates), finds those of an image (:meth:`hits`) and makes values of their
    rates (:meth:`scores_from`). The bits of an image are kept, so that those
    of all processes can be joined. A model that predicts boxes
    (``pred_bboxes``) has them scored as they are: no threshold is involved.

    Args:
        protocol (str | dict | Protocol): See :class:`ScoreMetric`.
        cam_thr (float, optional): Fixed threshold, a fraction of the
            maximum of the map.
        cam_thrs (Sequence[float] | float, optional): Thresholds of which the
            best on the evaluated set counts, for each value separately; a
            number is the step of a grid over [0, 1). Without both, those of
            the protocol.
        iou_thrs (Sequence[float]): IoU bounds in (0, 1].
        all_contours (bool): Boxes of all contours, those around holes
            included, instead of the one of largest polygon area.
        **kwargs: See :class:`ScoreMetric`.
    """

    titles: dict[str, str]

    def __init__(
        self,
        protocol: str | dict | Protocol = DEFAULT_PROTOCOL,
        cam_thr: float | None = None,
        cam_thrs: Sequence[float] | float | None = None,
        iou_thrs: Sequence[float] = (0.5,),
        all_contours: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(protocol, **kwargs)
        self.cam_thrs = _thresholds(self.protocol, cam_thr, cam_thrs)
        self.iou_thrs = tuple(iou_thrs)
        if not self.iou_thrs or not all(0 < iou <= 1 for iou in iou_thrs):
            raise ValueError(
                f'Expected `iou_thrs` in (0, 1], but got {self.iou_thrs}. IoU '
                'bounds are fractions, not percents.'
            )
        self.all_contours = all_contours
        self.shared |= dict(iou_thrs=self.iou_thrs, all_contours=all_contours)
        if all_contours and self.protocol.component == 'pixels':
            raise ValueError(
                'Expected a protocol with contours for `all_contours`, but '
                f'got {self.protocol.name!r}, which counts pixels.'
            )
        self._boxes_given = False

    @abstractmethod
    def hits(self, sample: SampleView) -> Mapping[str, np.ndarray | bool]:
        """Hits of one image by name: one boolean, or one a threshold (T,)."""

    @abstractmethod
    def scores_from(self, rates: dict[str, np.ndarray]) -> list[Score]:
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
            hits, shape = self.hits(sample), self.cam_thrs.shape
            rows = [np.broadcast_to(hits[name], shape) for name in self.titles]
            self.results.append(np.packbits(rows))

    def scores_of(self, results: Sequence[np.ndarray]) -> list[Score]:
        """Values of all images' bits."""
        total = np.zeros((len(self.titles), len(self.cam_thrs)))
        for packed in results:
            bits = np.unpackbits(packed, count=total.size)
            total += bits.reshape(total.shape)
        rates = total / len(results) * 100
        return self.scores_from(dict(zip(self.titles, rates, strict=True)))

    def best_ious(self, sample: SampleView, label: int) -> np.ndarray:
        """Largest IoU of any found box of a class with any true box, (T,)."""
        found = sample.level_boxes(
            label, self.protocol, self.cam_thrs, self.all_contours
        )
        true_boxes = sample.true_boxes(self.protocol)
        ious = pairwise_iou(found.boxes, true_boxes, inclusive=True).max(1)
        return np.maximum.reduceat(ious, found.starts)[found.level_of_thr]

    def good(
        self, ious: np.ndarray, bound: float, strict: bool | None = None
    ) -> np.ndarray:
        """Are boxes good at an IoU bound; `strict` is GT-Known's if None."""
        strict = self.protocol.gt_known_strict if strict is None else strict
        return ious > bound if strict else ious >= bound

    def best(
        self,
        name: str,
        title: str,
        curve: np.ndarray,
        chooser: np.ndarray | None = None,
        **fields: Any,
    ) -> Score:
        """The value where ``chooser`` has its first maximum.

        Both are in percent at each threshold, shape (T,); without a chooser
        it is the maximum of the curve itself.
        """
        fields['origin'] = self.origin
        if self._boxes_given:  # the same at all thresholds
            return self.score(name, title, curve[0], **fields)
        index = int((curve if chooser is None else chooser).argmax())
        curve = Curve(self.cam_thrs, curve)
        return self.score_at(name, title, index, curve, **fields)

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
