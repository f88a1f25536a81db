"""Panels of a localization result: image, F0, S0 and map, with boxes."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import torch

from mmscm.functional.maps import min_max_normalize, resize_maps

TRUE_COLOR = (0, 220, 0)  # green, RGB
PREDICTED_COLOR = (255, 60, 60)  # red
CAPTION_HEIGHT = 22  # pixels
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass
class Boxes:
    """Boxes of one picture, xyxy in its pixels, shape (n, 4)."""

    true: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    predicted: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))

    def scaled(self, factor: tuple[float, float]) -> Boxes:
        """Boxes after the picture is scaled by factors of x and y."""
        factors = np.array(factor * 2)
        return Boxes(self.true * factors, self.predicted * factors)


def panel(
    image: np.ndarray,
    caption: str,
    side: int,
    score_map: np.ndarray | None = None,
    boxes: Boxes | None = None,
    opacity: float = 0.55,
) -> np.ndarray:
    """One square of a picture sheet with its caption below.

    Args:
        image (np.ndarray): RGB, uint8, shape (H, W, 3).
        caption (str): One line; it is cut to the width of the panel.
        side (int): Width and height of the square, pixels.
        score_map (np.ndarray, optional): Map of any size, scaled to [0, 1]
            and laid over the image.
        boxes (Boxes, optional): Drawn in pixels of ``image``.
        opacity (float): Of the map, 0 to 1.

    Returns:
        np.ndarray: RGB, uint8, shape (side + 22, side, 3).
    """
    height, width = image.shape[:2]
    square = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    if score_map is not None:
        heat = heat_map(score_map, (side, side))
        square = cv2.addWeighted(heat, opacity, square, 1 - opacity, 0)
    if boxes is not None:
        draw_boxes(square, boxes.scaled((side / width, side / height)))
    return np.concatenate([square, caption_strip(caption, side)])


def heat_map(score_map: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map in the perceptually uniform colours of viridis.

    Args:
        score_map (np.ndarray): Any range, shape (h, w).
        size (tuple[int, int]): Height and width to resize to.

    Returns:
        np.ndarray: RGB, uint8, shape (*size, 3).
    """
    scores = torch.as_tensor(np.asarray(score_map, np.float32))
    scores = min_max_normalize(resize_maps(scores, size))
    grey = (scores.numpy() * 255).astype(np.uint8)
    return cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS)[..., ::-1].copy()


def draw_boxes(image: np.ndarray, boxes: Boxes) -> None:
    """Draw true boxes in green, predicted ones in red, on the image."""
    for group, color in (
        (boxes.true, TRUE_COLOR),
        (boxes.predicted, PREDICTED_COLOR),
    ):
        for x0, y0, x1, y1 in np.rint(group).astype(int).tolist():
            cv2.rectangle(image, (x0, y0), (x1, y1), color, 2)


def caption_strip(text: str, width: int) -> np.ndarray:
    """Black text on white, cut to fit, shape (22, width, 3)."""
    strip = np.full((CAPTION_HEIGHT, width, 3), 255, np.uint8)
    while text and _text_width(text) > width - 6:
        text = text[:-1]
    origin = (3, CAPTION_HEIGHT - 7)
    cv2.putText(strip, text, origin, FONT, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return strip


def _text_width(text: str) -> int:
    return cv2.getTextSize(text, FONT, 0.42, 1)[0][0]
