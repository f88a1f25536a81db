"""Metrics of a test as rows: a protocol and where its thresholds are from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from mmengine.evaluator import BaseMetric

from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc, PxAP
from mmscm.evaluation.protocols import DEFAULT_PROTOCOL

FIXED = 'fixed'
ORACLE = 'oracle'


@dataclass(frozen=True)
class Score:
    """A value in percent and the threshold behind it.

    Attributes:
        key (str): Key of the metric, ``wsol/gt_known``.
        value (float): Percent.
        cam_thr (float | None): Fraction of the maximum of the map; None for
            values that need none.
    """

    key: str
    value: float
    cam_thr: float | None = None


@dataclass
class Row:
    """Values of one protocol whose thresholds have the same origin.

    Attributes:
        protocol (str): Name of the protocol, and what else is special.
        origin (str): 'fixed', 'oracle' (the best on the evaluated set), or
            the split on which the stored threshold was chosen, 'val'.
        scores (dict[str, Score]): By column.
    """

    protocol: str
    origin: str
    scores: dict[str, Score] = field(default_factory=dict)


def result_rows(
    metrics: Iterable[BaseMetric],
    values: Mapping[str, float],
    stored: StoredThresholds | None = None,
) -> list[Row]:
    """One row a protocol and origin, in the order of the metrics.

    Args:
        metrics (Iterable[BaseMetric]): Those of an evaluator that has just
            computed ``values``; unknown ones have no rows.
        values (Mapping[str, float]): By key with prefix.
        stored (StoredThresholds, optional): Of the checkpoint; adds rows
            for values whose threshold was not fixed.

    Returns:
        list[Row]: Rows with the same protocol and origin are merged.
    """
    rows: dict[tuple[str, str], Row] = {}
    for metric in metrics:
        for row in _rows_of(metric, values, stored):
            merged = rows.setdefault((row.protocol, row.origin), row)
            merged.scores.update(row.scores)
    return list(rows.values())


def _rows_of(
    metric: BaseMetric,
    values: Mapping[str, float],
    stored: StoredThresholds | None,
) -> list[Row]:
    if isinstance(metric, PxAP):
        return _mask_rows(metric, values, stored)
    if not isinstance(metric, (LocalizationAccuracy, MaxBoxAcc)):
        return []
    keys = [f'{metric.prefix}/{name}' for name in metric.curves]
    fixed = len(metric.cam_thrs) == 1
    own = [Score(key, values[key], values[f'{key}_thr']) for key in keys]
    rows = [(FIXED if fixed else ORACLE, own)]
    if stored is not None and not fixed:
        found = (_at_stored(metric, key, stored) for key in keys)
        chosen = [score for score in found if score is not None]
        rows += [(_origin(stored), chosen)] if chosen else []
    return [
        Row(_row_name(metric), origin, _by_column(metric, scores, values))
        for origin, scores in rows
    ]


def _origin(stored: StoredThresholds) -> str:
    # a checkpoint selected on the test set has its thresholds from there too
    return ORACLE + ', stored' if stored.split == 'test' else stored.split


def _at_stored(
    metric: BaseMetric, key: str, stored: StoredThresholds
) -> Score | None:
    """Value of a curve at the stored threshold, if the grid has it."""
    cam_thr = stored.cam_thrs.get(key)
    if cam_thr is None:
        return None
    index = int(np.abs(metric.cam_thrs - cam_thr).argmin())
    if abs(metric.cam_thrs[index] - cam_thr) > 1e-9:
        return None
    curve = metric.curves[key.split('/', 1)[1]]
    return Score(key, float(curve[index]), cam_thr)


def _row_name(metric: BaseMetric) -> str:
    """Protocol, version of MaxBoxAcc for wsoleval, IoU if it is not 0.5."""
    name = metric.protocol.name
    if name == DEFAULT_PROTOCOL:
        name += ' V2' if metric.all_contours else ' V1'
    elif metric.all_contours:
        name += ', all contours'
    if isinstance(metric, LocalizationAccuracy) and metric.iou_thrs != (0.5,):
        name += f', IoU {metric.iou_thrs[0]:g}'
    return name if metric.prefix == 'wsol' else f'{name} ({metric.prefix})'


def _by_column(
    metric: BaseMetric, scores: list[Score], values: Mapping[str, float]
) -> dict[str, Score]:
    """Scores by column, with those that need no threshold."""
    if isinstance(metric, MaxBoxAcc):
        return _box_columns(metric, scores)
    suffix, named = metric.suffix(), {}
    for k in metric.topk:
        key = f'{metric.prefix}/top{k}_cls{suffix}'
        named[f'Top-{k} Cls'] = Score(key, values[key])
    for score in scores:
        name = score.key.split('/', 1)[1].removesuffix(suffix)
        named[_column(name)] = score
    return named


def _column(name: str) -> str:
    """'top1_loc' -> 'Top-1 Loc', 'gt_known_top5' -> 'GT-Known Top-5'."""
    words = name.replace('gt_known', 'GT-Known').replace('top', 'Top-')
    return words.replace('_loc', ' Loc').replace('_', ' ')


def _box_columns(metric: MaxBoxAcc, scores: list[Score]) -> dict[str, Score]:
    bounds, key = metric.iou_thrs, f'{metric.prefix}/{metric.key}'
    if bounds == (0.5,):
        return {'MaxBoxAcc': scores[0]}
    found = {score.key: score for score in scores}
    named = {
        f'IoU {iou:g}': found[f'{metric.prefix}/{name}']
        for iou, name in zip(bounds, metric.curves, strict=True)
        if f'{metric.prefix}/{name}' in found
    }
    if len(bounds) == 1 or len(named) < len(bounds):
        return named
    mean = float(np.mean([score.value for score in scores]))
    return {'MaxBoxAcc': Score(key, mean), **named}


def _mask_rows(
    metric: PxAP,
    values: Mapping[str, float],
    stored: StoredThresholds | None,
) -> list[Row]:
    name, suffix = f'{metric.protocol.name} masks', metric.suffix
    ap, iou = (f'{metric.prefix}/{n}{suffix}' for n in ('px_ap', 'mask_iou'))
    px_ap = Score(ap, values[ap])
    own = Score(iou, values[iou], values[f'{iou}_thr'])
    fixed = metric.bin is not None
    origin = FIXED if fixed else ORACLE
    rows = [Row(name, origin, {'PxAP': px_ap, 'Mask IoU': own})]
    if stored is not None and not fixed:
        chosen = _at_stored(metric, iou, stored)
        if chosen is not None:
            columns = {'PxAP': px_ap, 'Mask IoU': chosen}
            rows.append(Row(name, _origin(stored), columns))
    return rows
