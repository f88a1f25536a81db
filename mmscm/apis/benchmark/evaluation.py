"""What follows the forward pass in a test: class maps, boxes, scores."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.evaluation import LocalizationAccuracy

from .setting import Setting
from .timing import Row, compare

THRESHOLDS = np.arange(0, 1, 0.01)
TOP = 5
BOX = (40, 50, 180, 190)


def benchmark_evaluation(setting: Setting) -> dict[str, list[Row]]:
    """Top-5 boxes of a batch at 100 thresholds from its maps.

    The released way turns the maps of all classes into Python lists, then
    calls for contours at each threshold of five of them.

    Args:
        setting (Setting): All of it is read.

    Returns:
        dict[str, list[Row]]: 'times'.
    """
    semantic, attention = smooth_maps(setting)
    size = setting.img_size
    model = setting.model('scm', 'vit-micro').eval()
    model._test_maps = lambda images: ((semantic, None), semantic, attention)
    metric = LocalizationAccuracy(protocol='scm', cam_thrs=0.01)

    def released() -> None:
        maps = (semantic * attention[:, None]).tolist()
        top = semantic.mean((2, 3)).topk(TOP).indices.tolist()
        for image, labels in zip(maps, top, strict=True):
            for label in labels:
                iou_at_thresholds(np.array(image[label], np.float32), size)

    def mmscm() -> None:
        samples = model.predict(semantic, _samples(setting))
        metric.process({}, [sample.to_dict() for sample in samples])

    variants = dict(released=released, mmscm=mmscm)
    case = f'{setting.num_classes} classes'
    times = compare(case, variants, setting.rounds, setting.clock)
    return dict(times=times)


def smooth_maps(setting: Setting) -> tuple[Tensor, Tensor]:
    """Maps with few objects, as models make: S (B, C, H, W), F (B, H, W)."""
    torch.manual_seed(0)
    side = setting.img_size // 16
    coarse = torch.rand(setting.batch, setting.num_classes + 1, 4, 4)
    maps = F.interpolate(coarse, (side, side), mode='bicubic').clamp(0, 1)
    return maps[:, 1:], maps[:, 0]


def iou_at_thresholds(patch_map: np.ndarray, size: int) -> list[float]:
    """IoU of the largest contour with one box, a contour call each."""
    resized = cv2.resize(patch_map, (size, size))
    low, high = resized.min(), resized.max()
    grey = ((resized - low) / (high - low) * 255).astype(np.uint8)
    ious = []
    for threshold in THRESHOLDS:
        level = int(threshold * grey.max())
        _, mask = cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)
        contours, _ = cv2.findContours(
            mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
        )
        largest = max(contours, key=cv2.contourArea)
        left, top, width, height = cv2.boundingRect(largest)
        ious.append(_iou((left, top, left + width, top + height), BOX))
    return ious


def _iou(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low, high = np.maximum(one, other)[:2], np.minimum(one, other)[2:]
    shared = np.maximum(high - low + 1, 0).prod()
    areas = [(b[2] - b[0] + 1) * (b[3] - b[1] + 1) for b in (one, other)]
    return float(shared / (sum(areas) - shared))


def _samples(setting: Setting) -> list[DataSample]:
    size = setting.img_size, setting.img_size
    fields = dict(
        gt_bboxes=torch.tensor([BOX], dtype=torch.float32),
        metainfo=dict(img_shape=size),
    )
    samples = [DataSample(**fields) for _ in range(setting.batch)]
    return [sample.set_gt_label(0) for sample in samples]
