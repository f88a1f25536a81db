"""A work directory as tools/test.py leaves it, without a model."""

import json
from pathlib import Path

import torch
from image_rows import ImageRows

from mmscm.apis.results import (
    FILE_NAME,
    TestRecord,
    curves_of,
    result_rows,
    scores_of,
)
from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation import LocalizationAccuracy, MaxBoxAcc

SIDE = 32
CLASSES = ('ant', 'bee', '<b>cat</b>')
AT_VAL = StoredThresholds('val', {'wsol/gt_known': 0.2})


def sample(index: int) -> dict:
    """Image i is of class i modulo 3; its box grows with i.

    The true box is 0 0 16 16; the map is 1 on the first 2 (i + 1) rows of
    its columns, so that the box is 0 0 16 2 (i + 1).
    """
    score_map = torch.zeros(SIDE, SIDE)
    score_map[: 2 * (index + 1), :16] = 1
    label = index % 3
    scores = torch.tensor([0.5, 0.3, 0.2])  # the class is always 'ant'
    return {
        'img_path': f'some/folder/{index}.jpg',
        'sample_idx': index,
        'img_shape': (SIDE, SIDE),
        'gt_label': torch.tensor([label]),
        'gt_bboxes': torch.tensor([[0.0, 0.0, 16.0, 16.0]]),
        'pred_score': scores,
        'map_labels': torch.tensor([label]),
        'localization_maps': score_map[None],
    }


def make_run(
    folder: Path, count: int = 9, stored: StoredThresholds = AT_VAL
) -> Path:
    """Record ``count`` images below a folder; by default at 0.2, of val."""
    images = ImageRows(folder, count, CLASSES)
    accuracy = LocalizationAccuracy(cam_thrs=0.01, topk=(1,))
    boxes = MaxBoxAcc(iou_thrs=(0.3, 0.5, 0.7), all_contours=True)
    samples = [sample(index) for index in range(count)]
    inputs = torch.full((count, 3, SIDE, SIDE), 90, dtype=torch.uint8)
    values = {}
    for metric in (images, accuracy, boxes):
        metric.process({'inputs': inputs}, samples)
        values |= metric.evaluate(count)
    images.write(stored)
    scores = scores_of([accuracy, boxes])
    tables = result_rows(scores), curves_of(scores)
    record = TestRecord('config.py', 'best.pth', values, *tables)
    record.write(folder / FILE_NAME)
    return folder


def write_log(folder: Path, rows: list[dict], run: str = '1') -> None:
    """A log as mmengine writes it, with a last line that was cut off."""
    path = folder / run / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    lines = ''.join(json.dumps(row) + '\n' for row in rows)
    path.write_text(lines + '{"step": 2, "wsol/gt_k')
