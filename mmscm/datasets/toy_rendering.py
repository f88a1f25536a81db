"""Drawing of one toy scene: background, clutter, body, class marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .toy_shapes import (
    ellipse,
    place_randomly,
    random_animal,
    regular_polygon,
)
from .toy_style import MIN_MARK, SceneStyle
from .toy_textures import (
    class_colors,
    cloud_textures,
    dull_color,
    fur_textures,
)

MARK_CORNERS = (16, 4, 3, 6)  # circle, square, triangle, hexagon


@dataclass(frozen=True)
class Scene:
    """One rendered image.

    Args:
        img (np.ndarray): uint8 BGR, shape (H, W, 3).
        mask (np.ndarray): uint8, 1 on the object, shape (H, W).
        box (np.ndarray): float32 xyxy, pixels, the tight box of ``mask``
            whose last column and row are x1 - 1 and y1 - 1, shape (4,).
    """

    img: np.ndarray
    mask: np.ndarray
    box: np.ndarray


def render_scene(
    style: SceneStyle, label: int, rng: np.random.Generator
) -> Scene:
    """Draw one object of class ``label`` at a random place."""
    brightness = rng.uniform(70, 185)
    img = _textured(cloud_textures, style, dull_color(rng, brightness), rng)
    _draw_clutter(img, style, brightness, rng)
    _draw_distractors(img, style, rng)
    mask = _draw_object(img, style, label, brightness, rng)
    x, y, w, h = cv2.boundingRect(mask)
    return Scene(img, mask, np.array([x, y, x + w, y + h], np.float32))


def _draw_clutter(
    img: np.ndarray,
    style: SceneStyle,
    brightness: float,
    rng: np.random.Generator,
) -> None:
    for _ in range(style.num_clutter):
        center = rng.uniform(0, style.img_size, 2)
        radii = rng.uniform(0.02, 0.14, 2) * style.img_size
        color = dull_color(rng, brightness + rng.uniform(-60, 60))
        shape = ellipse(center, radii, rng.uniform(0, np.pi))
        cv2.fillPoly(img, [_pixels(shape)], color.tolist())


def _draw_distractors(
    img: np.ndarray, style: SceneStyle, rng: np.random.Generator
) -> None:
    for _ in range(style.num_distractors):
        center = rng.uniform(0, style.img_size, 2)
        diameter = MIN_MARK * rng.uniform(1, 1.6)
        label = rng.integers(style.num_classes)
        color = _mark_color(style, label, style.distractor_saturation)
        _draw_mark(img, center, diameter, label, color, rng)


def _draw_object(
    img: np.ndarray,
    style: SceneStyle,
    label: int,
    brightness: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Paint the body, then the marks on it; return the mask of both."""
    size = rng.uniform(*style.object_size) * style.img_size
    outline = place_randomly(random_animal(rng), size, style.img_size, rng)
    mask = np.zeros(img.shape[:2], np.uint8)
    for part in outline.parts:  # together, overlaps would stay unfilled
        cv2.fillPoly(mask, [_pixels(part)], 1)
    away = style.contrast if brightness < 128 else -style.contrast
    fur_color = dull_color(rng, brightness + away)
    fur_color += style.fur_hint * (_mark_color(style, label) - fur_color)
    cv2.copyTo(_textured(fur_textures, style, fur_color, rng), mask, img)
    diameter = max(MIN_MARK, style.mark_size * size)
    color = _mark_color(style, label)
    for anchor in outline.anchors[: style.num_marks]:
        _draw_mark(img, anchor, diameter, label, color, rng, mask)
    return mask


def _draw_mark(
    img: np.ndarray,
    center: np.ndarray,
    diameter: float,
    label: int,
    color: np.ndarray,
    rng: np.random.Generator,
    mask: np.ndarray | None = None,
) -> None:
    """Draw a mark of one class: its shape in ``color`` with a dark rim."""
    corners = MARK_CORNERS[label % len(MARK_CORNERS)]
    angle = rng.uniform(0, 2 * np.pi)
    shape = _pixels(regular_polygon(center, diameter, corners, angle))
    cv2.fillPoly(img, [shape], color.tolist())
    cv2.polylines(img, [shape], True, (20, 20, 20))
    if mask is not None:
        cv2.fillPoly(mask, [shape], 1)


def _mark_color(
    style: SceneStyle, label: int, saturation: float = 1.0
) -> np.ndarray:
    pure = class_colors(style.num_classes)[label].astype(float)
    return pure.mean() + saturation * (pure - pure.mean())


def _textured(
    textures, style: SceneStyle, color: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """An image covered with a random texture, mean colour ``color``."""
    bank = textures(2 * style.img_size)
    y, x = rng.integers(0, style.img_size, 2)
    texture = bank[rng.integers(len(bank))]
    window = texture[y : y + style.img_size, x : x + style.img_size]
    shades = np.clip(color + np.linspace(-45, 45, 256)[:, None], 0, 255)
    table = shades.astype(np.uint8).reshape(256, 1, 3)
    return cv2.LUT(cv2.merge([window] * 3), table)


def _pixels(points: np.ndarray) -> np.ndarray:
    """Polygon corners as OpenCV wants them: rounded int32."""
    return np.round(points).astype(np.int32)
