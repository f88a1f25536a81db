"""An image with its box beside its heat map, in its own proportions."""

from __future__ import annotations

import cv2
import numpy as np

from .panels import Boxes, caption_strip, draw_boxes, heat_map


def overlay(
    image: np.ndarray,
    score_map: np.ndarray,
    bboxes: np.ndarray,
    caption: str,
    longest: int = 480,
    opacity: float = 0.55,
) -> np.ndarray:
    """Two panels and a caption of the same height at any image size.

    Args:
        image (np.ndarray): RGB, uint8, shape (H, W, 3).
        score_map (np.ndarray): Map of any size.
        bboxes (np.ndarray): xyxy in pixels of ``image``, shape (n, 4).
        caption (str): One line.
        longest (int): Longer side of a panel, pixels.
        opacity (float): Of the map, 0 to 1.

    Returns:
        np.ndarray: RGB, uint8, shape (h + 22, 2 w, 3).
    """
    factor = longest / max(image.shape[:2])
    height, width = (max(1, round(s * factor)) for s in image.shape[:2])
    mode = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    plain = cv2.resize(image, (width, height), interpolation=mode)
    heat = heat_map(score_map, (height, width))
    heated = cv2.addWeighted(heat, opacity, plain, 1 - opacity, 0)
    scale = (width / image.shape[1], height / image.shape[0])
    boxes = Boxes(predicted=np.asarray(bboxes, np.float64)).scaled(scale)
    for picture in (plain, heated):
        draw_boxes(picture, boxes)
    pictures = np.concatenate([plain, heated], axis=1)
    return np.concatenate([pictures, caption_strip(caption, 2 * width)])
