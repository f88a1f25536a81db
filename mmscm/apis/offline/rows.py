"""Rows of results from the totals of an offline evaluation."""

from __future__ import annotations

import numpy as np

from mmscm.apis.results import Cell as Score
from mmscm.apis.results import Row
from mmscm.evaluation.map_scores import IOU_THRS, BoxTotals
from mmscm.evaluation.mask_scores import MaskTotals
from mmscm.evaluation.px_ap import EDGES
from mmscm.evaluation.score import FIXED, ORACLE


def box_rows(totals: BoxTotals) -> list[Row]:
    """Rows of 'wsoleval' V1 and V2, the third Top-k, and fixed thresholds."""
    cls = {
        f'Top-{k} Cls': Score(f'wsol/top{k}_cls', 100 * count / totals.images)
        for k, count in zip(totals.topk, totals.cls.tolist(), strict=True)
    }
    rows = [
        Row('wsoleval V1', ORACLE, cls | _v1(totals)),
        Row('wsoleval V2', ORACLE, _v2(totals)),
    ]
    if totals.topk:
        rows.insert(1, Row('gtmap', ORACLE, cls | _gtmap(totals)))
    for name in totals.fixed:
        for index in range(len(totals.fixed_thrs)):
            rows.append(_fixed(totals, name, index, cls))
    return rows


def _v1(totals: BoxTotals) -> dict[str, Score]:
    best = _at_best(totals, 'wsol/gt_known', totals.v1)
    scores = {'GT-Known': best, 'MaxBoxAcc': best}
    for k, hits in zip(totals.topk, totals.loc, strict=True):
        key = f'wsol/top{k}_loc'
        scores[f'Top-{k} Loc'] = _at_best(totals, key, hits)
    return scores


def _gtmap(totals: BoxTotals) -> dict[str, Score]:
    best = int(totals.v1.argmax())
    rows = {'GT-Known': ('gt_known', totals.v1)}
    for k, hits in zip(totals.topk, totals.loc, strict=True):
        rows[f'Top-{k} Loc'] = (f'top{k}_loc', hits)
    return {
        column: _at(totals, f'wsol/{name}_gtmap', hits, best)
        for column, (name, hits) in rows.items()
    }


def _v2(totals: BoxTotals) -> dict[str, Score]:
    scores = {
        f'IoU {iou:g}': _at_best(
            totals, f'wsol/max_box_acc_v2_at{iou * 100:g}', hits
        )
        for iou, hits in zip(IOU_THRS, totals.v2, strict=True)
    }
    mean = float(np.mean([score.value for score in scores.values()]))
    return {'MaxBoxAcc': Score('wsol/max_box_acc_v2', mean), **scores}


def _fixed(
    totals: BoxTotals, name: str, index: int, cls: dict[str, Score]
) -> Row:
    thr, hits = totals.fixed_thrs[index], totals.fixed[name][:, index]
    columns = ['GT-Known', *(f'Top-{k} Loc' for k in totals.topk)]
    keys = ['gt_known', *(f'top{k}_loc' for k in totals.topk)]
    scores = {
        column: Score(f'wsol/{key}_{name}', 100 * count / totals.images, thr)
        for column, key, count in zip(
            columns, keys, hits.tolist(), strict=True
        )
    }
    # two fixed thresholds of a protocol would look like the same row
    several = f', {thr:g}' * (len(totals.fixed_thrs) > 1)
    label = 'wsoleval V1' if name == 'wsoleval' else name
    return Row(label + several, FIXED, cls | scores)


def mask_rows(totals: MaskTotals) -> list[Row]:
    """PxAP and the mask IoU at its best threshold."""
    ious = 100 * totals.ious / totals.images
    best = int(ious.argmax())
    thr = round(float(EDGES[best]), 10)
    scores = {
        'PxAP': Score('wsol/px_ap', totals.px_ap()),
        'Mask IoU': Score('wsol/mask_iou', float(ious[best]), thr),
    }
    return [Row('wsoleval masks', ORACLE, scores)]


def _at_best(totals: BoxTotals, key: str, hits: np.ndarray) -> Score:
    return _at(totals, key, hits, int(hits.argmax()))


def _at(totals: BoxTotals, key: str, hits: np.ndarray, index: int) -> Score:
    thr = round(float(totals.cam_thrs[index]), 10)
    return Score(key, 100 * int(hits[index]) / totals.images, thr)
