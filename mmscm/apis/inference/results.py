"""Predictions as boxes in pixels of the original image, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmpretrain.structures import DataSample

from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.scoring import score_map_from
from mmscm.functional.boxes import boxes_from_map


def result_of(
    sample: DataSample,
    label: int,
    cam_thr: float,
    all_contours: bool = False,
) -> dict[str, Any]:
    """Class, score and boxes of one image.

    The map is cut at the size of the network input, as in tests, and the
    boxes are scaled to the original image.

    Args:
        sample (DataSample): A prediction, with ``img_shape``, ``ori_shape``
            and the map of ``label``.
        label (int): Class to localize.
        cam_thr (float): Fraction of the maximum of the map.
        all_contours (bool): Boxes of all contours, those around holes
            included, instead of the largest.

    Returns:
        dict: ``label``, ``score`` (probability, 0 to 1), ``bboxes`` xyxy in
        pixels of the original image, shape (n, 4), and ``score_map`` in
        [0, 1] at the size of the network input.
    """
    size = tuple(sample.img_shape[:2])
    patch_map = SampleView(sample.to_dict()).patch_map(label)
    score_map = score_map_from(patch_map, size, 'bilinear')
    (boxes,) = boxes_from_map(score_map, [cam_thr], all_contours, clip=False)
    return dict(
        label=label,
        score=float(sample.pred_score[label]),
        bboxes=to_original(boxes, size, tuple(sample.ori_shape[:2])),
        score_map=score_map,
    )


def to_original(
    boxes: np.ndarray, size: tuple[int, int], ori_shape: tuple[int, int]
) -> np.ndarray:
    """Boxes of the network input in pixels of the original image.

    Args:
        boxes (np.ndarray): xyxy, x1 and y1 outside, shape (n, 4).
        size (tuple[int, int]): Height and width of the network input.
        ori_shape (tuple[int, int]): Height and width of the original.

    Returns:
        np.ndarray: xyxy, rounded to a hundredth of a pixel, shape (n, 4).
    """
    factors = np.divide(ori_shape[::-1] * 2, size[::-1] * 2)
    return np.round(boxes * factors, 2)


def enlarge(score_map: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A score map at another height and width, bilinear."""
    return cv2.resize(score_map, size[::-1], interpolation=cv2.INTER_LINEAR)


def coco_results(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results in COCO's format, one entry a box.

    Args:
        results (Sequence[dict]): What the inferencer returned.

    Returns:
        list[dict]: ``image_id`` (number of the image), ``file_name``,
        ``category_id`` (index of the class, from 0), ``category_name``,
        ``bbox`` (x, y, width, height) in pixels of the original image, and
        ``score``.
    """
    entries = []
    for image_id, result in enumerate(results):
        for x0, y0, x1, y1 in np.asarray(result['bboxes']).tolist():
            sides = [round(x1 - x0, 2), round(y1 - y0, 2)]
            entry = dict(
                image_id=image_id,
                file_name=result['name'],
                category_id=result['label'],
                category_name=result.get('class'),
                bbox=[x0, y0, *sides],
                score=result['score'],
            )
            entries.append(entry)
    return entries


def write_coco_results(
    results: Sequence[dict[str, Any]], path: str | Path
) -> None:
    """Write :func:`coco_results` as JSON."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_results(results), indent=1))
