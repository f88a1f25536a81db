"""Describe as data how each localization protocol of the field scores.

Published figures cannot be compared across protocols. They share that

- the map is resized to the network input and min-max normalised;
- a box is (x, y, x + w, y + h), IoU counts border pixels.

All but 'pixels' truncate the map to uint8, take what is above
``int(cam_thr * max)`` as the object, and the contour of largest *polygon*
area, in which shapes one pixel wide have area 0, as its component.
MaxBoxAccV2 takes all contours, holes included.

They differ in the fields of :class:`Protocol`, whose defaults are those of
'wsoleval'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

# Box coordinates come as float32 after the resize; x * 224 / W is a multiple
# of 1 / W, so this is above float error and below the next coordinate.
_ROUNDING = 5e-5


@dataclass(frozen=True)
class Protocol:
    """One way to score localization.

    Attributes:
        name (str): Part of the metrics' keys, unless it is the default.
        gt_known_map (str): Class whose map GT-Known scores: 'ground-truth',
            or 'predicted' (top-1, the label is ignored).
        clip_boxes (bool): Limit boxes to size - 1.
        empty_box (tuple[int, ...]): Box if no pixel passes the threshold.
        clip_gt (bool): Limit the true boxes to size - 1. They are truncated
            to integers in any case.
        topk_strict (bool): Top-k Loc needs IoU > the bound, not >=.
        gt_known_strict (bool): The same of GT-Known and MaxBoxAcc.
        component (str): 'polygon', or 'pixels': of the float map, above
            ``cam_thr`` itself, the 8-connected part of most pixels.
        resize_mode (str): How maps are enlarged: 'bilinear' or 'bicubic'.
        resize_first (bool): Maps are resized and then normalised.
        cam_thr (float | None): The fixed threshold; None takes the best of
            a grid on the evaluated set, for each value separately.
        cam_thr_step (float): Step of that grid, from 0 to below 1.
        topk_thr (str): Threshold of Top-k Loc: 'own' or 'gt-known'.
    """

    name: str
    gt_known_map: Literal['ground-truth', 'predicted'] = 'ground-truth'
    clip_boxes: bool = True
    empty_box: tuple[int, int, int, int] = (0, 0, 0, 0)
    clip_gt: bool = False
    topk_strict: bool = False
    gt_known_strict: bool = False
    component: Literal['polygon', 'pixels'] = 'polygon'
    resize_mode: Literal['bilinear', 'bicubic'] = 'bilinear'
    resize_first: bool = True
    cam_thr: float | None = None
    cam_thr_step: float = 0.01
    topk_thr: Literal['own', 'gt-known'] = 'own'

    def true_boxes(
        self, gt_bboxes: np.ndarray, size: tuple[int, int]
    ) -> np.ndarray:
        """True boxes as this protocol reads them, in whole pixels.

        ``gt_bboxes`` are xyxy in pixels of the network input, floating point,
        shape (M, 4), ``size`` is the height and width of that input.
        """
        boxes = np.floor(np.asarray(gt_bboxes, np.float64) + _ROUNDING)
        if not self.clip_gt:
            return boxes
        height, width = size
        return np.minimum(boxes, (width - 1, height - 1) * 2)


# Bicubic enlargement belongs to wsolevaluation's own CAMs; its evaluator
# takes maps of the size of the input. It gives no Top-k Loc: here Top-k is
# that of the next two, with its own boxes and comparison. Published: the
# last epoch, or the best on a held-out split.
WSOLEVAL = Protocol('wsoleval')

# Maps with the raw attention. The threshold is that of CUB; TS-CAM uses 0.12
# for ILSVRC. Published: the best epoch on the test set.
TSCAM = Protocol(
    'tscam',
    clip_boxes=False,
    empty_box=(0, 0, 1, 1),
    clip_gt=True,
    topk_strict=True,
    cam_thr=0.1,
)

# Maps with the min-max attention. Published: the best epoch on the test set.
SCM = Protocol('scm', gt_known_map='predicted', clip_gt=True)

# "The box of the ground-truth map is good and the label is in the top k".
# A predicted class that is right *is* the ground truth, so at one threshold
# this equals Top-k Loc of `wsoleval`; what differs is that the box is the
# one of GT-Known, threshold included.
GT_MAP = Protocol('gtmap', topk_thr='gt-known')

# BAS, SAT and others since SPG. Their thresholds differ by method, network
# and data set, 0.1 to 0.5, and belong into the config.
PIXELS = Protocol(
    'pixels',
    clip_boxes=False,
    clip_gt=True,
    topk_strict=True,
    gt_known_strict=True,
    component='pixels',
    resize_first=False,
    cam_thr=0.5,
)

DEFAULT_PROTOCOL = WSOLEVAL.name
PROTOCOLS = {p.name: p for p in (TSCAM, SCM, WSOLEVAL, GT_MAP, PIXELS)}


def get_protocol(protocol: str | dict | Protocol) -> Protocol:
    """A protocol by its name; one of the user's own is passed through.

    A config changes fields of one by a dict with its name, such as
    ``dict(name='wsoleval', resize_mode='bicubic')``.
    """
    if isinstance(protocol, Protocol):
        return protocol
    if isinstance(protocol, dict):
        fields = dict(protocol)
        return replace(get_protocol(fields.pop('name')), **fields)
    if protocol not in PROTOCOLS:
        raise ValueError(
            f'Expected `protocol` to be one of {sorted(PROTOCOLS)}, but got '
            f'{protocol!r}.'
        )
    return PROTOCOLS[protocol]
