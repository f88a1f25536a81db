"""What each localization protocol of the field scores, as data.

Published figures cannot be compared across protocols. All of them share:

- the map is resized to the network input, min-max normalised and truncated
  to uint8 (a constant map is all zeros);
- a pixel is object if it is above ``int(cam_thr * max)``;
- the component is the contour of largest *polygon* area, in which shapes one
  pixel wide have area 0; MaxBoxAccV2 takes all contours, holes included;
- a box is (x, y, x + w, y + h), IoU counts border pixels.

They differ in the fields of :class:`Protocol`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        attention (str | None): Attention in the product that makes the
            map: 'raw', 'min-max', None if the protocol takes ready maps. A
            matter of the model, kept here as a reminder.
        resize_mode (str): How maps are enlarged.
        clip_boxes (bool): Limit boxes to size - 1.
        empty_box (tuple[int, ...]): Box if no pixel passes the threshold.
        topk_strict (bool): Top-k Loc needs IoU > the bound, not >=.
            GT-Known is always >=.
        cam_thr (float | None): The fixed threshold; None takes the best of
            a grid on the evaluated set, for each value separately.
        cam_thr_step (float): Step of that grid, from 0 to below 1.
        topk_thr (str): Threshold of Top-k Loc: 'own' or 'gt-known'.
        clip_gt (bool): Limit the true boxes to size - 1. They are truncated
            to integers in any case.
        averages_ious (bool): The mean over several IoU bounds is published.
        checkpoint (str): Which checkpoint the published figures are of.
    """

    name: str
    gt_known_map: str
    attention: str | None
    clip_boxes: bool
    empty_box: tuple[int, int, int, int]
    topk_strict: bool
    clip_gt: bool
    checkpoint: str
    resize_mode: str = 'bilinear'
    cam_thr: float | None = None
    cam_thr_step: float = 0.01
    topk_thr: str = 'own'
    averages_ious: bool = False

    def true_boxes(
        self, gt_bboxes: np.ndarray, size: tuple[int, int]
    ) -> np.ndarray:
        """True boxes as this protocol reads them.

        Args:
            gt_bboxes (np.ndarray): Boxes xyxy in pixels of the network
                input, floating point, shape (M, 4).
            size (tuple[int, int]): Height and width of that input.

        Returns:
            np.ndarray: Boxes of whole pixels, shape (M, 4).
        """
        boxes = np.floor(np.asarray(gt_bboxes, np.float64) + _ROUNDING)
        if not self.clip_gt:
            return boxes
        height, width = size
        return np.minimum(boxes, (width - 1, height - 1) * 2)


# The threshold is that of CUB; TS-CAM uses 0.12 for ILSVRC.
TSCAM = Protocol(
    name='tscam',
    gt_known_map='ground-truth',
    attention='raw',
    clip_boxes=False,
    empty_box=(0, 0, 1, 1),
    topk_strict=True,
    cam_thr=0.1,
    clip_gt=True,
    checkpoint='best on the test set, every epoch',
)

SCM = Protocol(
    name='scm',
    gt_known_map='predicted',
    attention='min-max',
    clip_boxes=True,
    empty_box=(0, 0, 0, 0),
    topk_strict=False,
    clip_gt=True,
    checkpoint='best on the test set',
)

# Bicubic enlargement belongs to wsolevaluation's own CAMs; its evaluator
# takes maps of the size of the input. It gives no Top-k Loc: here Top-k is
# that of the other two, with its own boxes and comparison.
WSOLEVAL = Protocol(
    name='wsoleval',
    gt_known_map='ground-truth',
    attention=None,
    clip_boxes=True,
    empty_box=(0, 0, 0, 0),
    topk_strict=False,
    clip_gt=False,
    averages_ious=True,
    checkpoint='last, or best on a held-out split',
)

# "The box of the ground-truth map is good and the label is in the top k".
# A predicted class that is right *is* the ground truth, so at one threshold
# this equals Top-k Loc of `wsoleval`; what differs is that the box is the
# one of GT-Known, threshold included.
GT_MAP = replace(WSOLEVAL, name='gtmap', topk_thr='gt-known')

DEFAULT_PROTOCOL = WSOLEVAL.name
PROTOCOLS = {p.name: p for p in (TSCAM, SCM, WSOLEVAL, GT_MAP)}


def get_protocol(protocol: str | Protocol) -> Protocol:
    """A protocol by its name; one of the user's own is passed through."""
    if isinstance(protocol, Protocol):
        return protocol
    if protocol not in PROTOCOLS:
        raise ValueError(
            f'Expected `protocol` to be one of {sorted(PROTOCOLS)}, but got '
            f'{protocol!r}.'
        )
    return PROTOCOLS[protocol]
