"""Boxes of all thresholds: one sweep against a contour call for each."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from mmscm.functional.boxes import ThresholdedMap, contour_boxes
from mmscm.functional.maps import min_max_normalize, resize_maps

from .setting import Setting
from .timing import Row, compare

NUM_MAPS = 100
STEPS = {100: 0.01, 1000: 0.001}  # thresholds in the evaluators of the field


def benchmark_boxes(setting: Setting) -> dict[str, list[Row]]:
    """Boxes of 100 maps at 100 and 1000 thresholds.

    V1 is the contour of largest area, V2 all contours, holes included.

    Args:
        setting (Setting): Size of the image, rounds and clock are read.

    Returns:
        dict[str, list[Row]]: 'times', of all maps together.
    """
    images = grey_maps(setting.img_size)
    times = []
    for count, step in STEPS.items():
        thrs = np.arange(0, 1, step)
        for name, all_contours in (('V1', False), ('V2', True)):
            variants = dict(
                contours=lambda a=all_contours, t=thrs: [
                    boxes_by_contours(image, t, a) for image in images
                ],
                sweep=lambda a=all_contours, t=thrs: [
                    boxes_by_sweep(image, t, a) for image in images
                ],
            )
            case = f'{name}, {count} thresholds'
            times += compare(case, variants, setting.rounds, setting.clock)
    return dict(times=times)


def grey_maps(size: int) -> list[np.ndarray]:
    """Maps with few objects, enlarged from 14 x 14; uint8, (size, size)."""
    torch.manual_seed(0)
    coarse = torch.rand(NUM_MAPS, 1, 4, 4)
    patches = F.interpolate(coarse, (14, 14), mode='bicubic')[:, 0]
    maps = min_max_normalize(resize_maps(patches, (size, size)))
    return list((maps.numpy() * 255).astype(np.uint8))


def boxes_by_contours(
    image: np.ndarray, thrs: np.ndarray, all_contours: bool
) -> list[np.ndarray]:
    """A contour call for each threshold, as the released evaluators do."""
    peak = int(image.max())
    return [
        contour_boxes(image, int(thr * peak), all_contours) for thr in thrs
    ]


def boxes_by_sweep(
    image: np.ndarray, thrs: np.ndarray, all_contours: bool
) -> list[np.ndarray]:
    """The same boxes from one sweep over the grey levels."""
    cut = ThresholdedMap(image, thrs)
    found = cut.all_contours if all_contours else cut.largest
    levels = np.split(found.boxes, found.starts[1:])
    return [levels[i] for i in found.level_of_thr]
