"""Draw images with heat maps, boxes and captions."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import torch

from mmscm.functional.maps import min_max_normalize, resize_maps

TRUE_COLOR = (0, 220, 0)  # green, RGB
PREDICTED_COLOR = (255, 60, 60)  # red
CAPTION_HEIGHT = 22  # pixels
FONT = (cv2.FONT_HERSHEY_SIMPLEX, 0.42)
OPACITY = 0.75  # where a map has its maximum


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
) -> np.ndarray:
    """One square of a picture sheet with its caption below.

    The image is RGB, uint8, shape (H, W, 3), the result of shape
    (side + 22, side, 3), boxes in pixels of the image, the map as of
    :func:`blend`. A caption is one line, cut to the width.
    """
    height, width = image.shape[:2]
    square = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    if score_map is not None:
        square = blend(square, score_map)
    if boxes is not None:
        draw_boxes(square, boxes.scaled((side / width, side / height)))
    return np.concatenate([square, caption_strip(caption, side)])


def overlay(
    image: np.ndarray, score_map: np.ndarray, bboxes: np.ndarray, caption: str
) -> np.ndarray:
    """An RGB image with boxes beside its map, and a line of text below.

    The image is uint8, (H, W, 3), the result (H + 22, 2 W, 3), boxes xyxy in
    pixels of the image, shape (n, 4); the map as of :func:`blend`.
    """
    pictures = [image.copy(), blend(image, score_map)]
    for picture in pictures:
        draw_boxes(picture, Boxes(predicted=bboxes))
    strip = caption_strip(caption, 2 * image.shape[1])
    return np.concatenate([np.concatenate(pictures, axis=1), strip])


def resize_longest(image: np.ndarray, longest: int) -> np.ndarray:
    """Resize an image (H, W, 3) so that its longer side has ``longest``."""
    factor = longest / max(image.shape[:2])
    height, width = (max(1, round(s * factor)) for s in image.shape[:2])
    mode = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=mode)


def blend(image: np.ndarray, score_map: np.ndarray) -> np.ndarray:
    """Lay a map over an RGB image, the more opaque the higher its value.

    The colours are those of viridis, which is perceptually uniform; the map
    has any range and size.
    """
    plane = torch.as_tensor(np.asarray(score_map, np.float32))
    scores = min_max_normalize(resize_maps(plane, image.shape[:2])).numpy()
    grey = (scores * 255).astype(np.uint8)
    heat = cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS)[..., ::-1]
    opacity = OPACITY * scores[..., None]
    return np.rint(opacity * heat + (1 - opacity) * image).astype(np.uint8)


def draw_boxes(image: np.ndarray, boxes: Boxes) -> None:
    """Draw true boxes in green, predicted ones in red, on the image."""
    groups = (boxes.true, TRUE_COLOR), (boxes.predicted, PREDICTED_COLOR)
    for group, color in groups:
        for x0, y0, x1, y1 in np.rint(group).astype(int).tolist():
            cv2.rectangle(image, (x0, y0), (x1, y1), color, 2)


def caption_strip(text: str, width: int) -> np.ndarray:
    """Black text on white, cut to fit, shape (22, width, 3)."""
    strip = np.full((CAPTION_HEIGHT, width, 3), 255, np.uint8)
    while text and cv2.getTextSize(text, *FONT, 1)[0][0] > width - 6:
        text = text[:-1]
    origin = (3, CAPTION_HEIGHT - 7)
    cv2.putText(strip, text, origin, *FONT, (0, 0, 0), 1, cv2.LINE_AA)
    return strip
