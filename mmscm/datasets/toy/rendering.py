"""Draw a toy scene: background, clutter, an animal, its class marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

OBJECT_SIZE = (0.3, 0.65)  # longer side of the box, of the image side
MARK_SIZE = 0.24  # diameter, of the longer side of the box
MIN_MARK = 10  # pixels: a mark covers at least one patch of 8 pixels
MARK_CORNERS = (16, 4, 3, 6)  # circle, square, triangle, hexagon
CONTRAST = 60.0  # mean brightness of the body against the background
NUM_CLUTTER = 6  # dull shapes behind the object
NUM_DISTRACTORS = 2  # shapes like class marks behind the object
DISTRACTOR_SATURATION = 0.3  # between grey and the colour of a mark
NUM_TEXTURES = 12
TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
UNIT_CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)


class Animal(NamedTuple):
    """An object as polygons.

    Args:
        parts (list[np.ndarray]): Polygons, each of shape (P, 2) as (x, y).
        anchors (np.ndarray): Where class marks sit (head, then rump), shape
            (2, 2) as (x, y).
    """

    parts: list[np.ndarray]
    anchors: np.ndarray

    def moved(self, matrix: np.ndarray, offset: np.ndarray) -> Animal:
        """The animal under ``x -> matrix x + offset``."""
        parts = [part @ matrix.T + offset for part in self.parts]
        return Animal(parts, self.anchors @ matrix.T + offset)


def render_scene(
    label: int, num_classes: int, img_size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw one object at a random place.

    Args:
        label (int): Its class.
        num_classes (int): Number of colours of marks, evenly spaced in hue.
        img_size (int): Side of the square image, pixels.
        rng (np.random.Generator): Source of everything else.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: Image, uint8 BGR, shape
        (H, W, 3); mask, uint8, 1 on the object, shape (H, W); float32 xyxy
        box in pixels, shape (4,), tight: the last column and row of the mask
        are x1 - 1 and y1 - 1.
    """
    colors = class_colors(num_classes)
    brightness = rng.uniform(70, 185)
    img = _textured(_clouds, img_size, _dull_color(rng, brightness), rng)
    _draw_clutter(img, brightness, rng)
    _draw_distractors(img, colors, rng)
    mask = _draw_object(img, label, colors[label], brightness, rng)
    x, y, w, h = cv2.boundingRect(mask)
    return img, mask, np.array([x, y, x + w, y + h], np.float32)


def class_colors(num_classes: int) -> np.ndarray:
    """Saturated colours, evenly spaced in hue.

    Returns:
        np.ndarray: float BGR, shape (num_classes, 3).
    """
    hues = np.arange(num_classes) * 180 / num_classes  # OpenCV: 180 a turn
    hsv = np.stack([hues, np.full_like(hues, 255), np.full_like(hues, 255)])
    hsv = hsv.T[None].astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0].astype(float)


def random_animal(
    size: float, img_size: int, rng: np.random.Generator
) -> Animal:
    """A turned, maybe mirrored animal whose box has longer side ``size``.

    Returns:
        Animal: In pixels, all parts within ``[0, img_size - 1]``.
    """
    height = rng.uniform(0.45, 0.75)  # of a body that is 2 units long
    head = np.array([rng.uniform(0.95, 1.25), rng.uniform(-1, 0.2) * height])
    rump = np.array([rng.uniform(-0.7, -0.3), 0.0])
    tail = np.array([-1.3, rng.uniform(-0.8, 0.8) * height])
    parts = [
        _ellipse((0, 0), (1, height)),
        _ellipse(head, (rng.uniform(0.42, 0.55),) * 2),
        _ellipse(tail, (0.5, 0.16), rng.uniform(-0.5, 0.5)),
    ]
    parts += [
        _ellipse((x + rng.uniform(-0.1, 0.1), height), (0.17, 0.5))
        for x in (-0.6, 0.0, 0.6)[: rng.integers(1, 4)]
    ]
    animal = Animal(parts, np.stack([head, rump]))
    turn = _rotation(rng.uniform(0, 2 * np.pi))
    turned = animal.moved(turn * rng.choice([-1, 1], 2), np.zeros(2))
    points = np.concatenate(turned.parts)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size / (high - low).max()
    room = img_size - 1 - scale * (high - low)
    offset = rng.uniform(0, 1, 2) * room - scale * low
    return turned.moved(scale * np.eye(2), offset)


def _draw_clutter(
    img: np.ndarray, brightness: float, rng: np.random.Generator
) -> None:
    for _ in range(NUM_CLUTTER):
        center = rng.uniform(0, len(img), 2)
        radii = rng.uniform(0.02, 0.14, 2) * len(img)
        color = _dull_color(rng, brightness + rng.uniform(-60, 60))
        shape = _ellipse(center, radii, rng.uniform(0, np.pi))
        cv2.fillPoly(img, [_pixels(shape)], color.tolist())


def _draw_distractors(
    img: np.ndarray, colors: np.ndarray, rng: np.random.Generator
) -> None:
    for _ in range(NUM_DISTRACTORS):
        center = rng.uniform(0, len(img), 2)
        diameter = MIN_MARK * rng.uniform(1, 1.6)
        label = rng.integers(len(colors))
        grey = colors[label].mean()
        color = grey + DISTRACTOR_SATURATION * (colors[label] - grey)
        _draw_mark(img, center, diameter, label, color, rng)


def _draw_object(
    img: np.ndarray,
    label: int,
    mark_color: np.ndarray,
    brightness: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Paint the body, then the marks on it; return the mask of both."""
    size = rng.uniform(*OBJECT_SIZE) * len(img)
    animal = random_animal(size, len(img), rng)
    mask = np.zeros(img.shape[:2], np.uint8)
    for part in animal.parts:  # together, overlaps would stay unfilled
        cv2.fillPoly(mask, [_pixels(part)], 1)
    away = CONTRAST if brightness < 128 else -CONTRAST
    fur_color = _dull_color(rng, brightness + away)
    cv2.copyTo(_textured(_furs, len(img), fur_color, rng), mask, img)
    diameter = max(MIN_MARK, MARK_SIZE * size)
    for anchor in animal.anchors:
        mark = _draw_mark(img, anchor, diameter, label, mark_color, rng)
        cv2.fillPoly(mask, [mark], 1)
    return mask


def _draw_mark(
    img: np.ndarray,
    center: np.ndarray,
    diameter: float,
    label: int,
    color: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the shape of a class with a dark rim; return its corners.

    All shapes have the area of a circle of ``diameter``.
    """
    corners = MARK_CORNERS[label % len(MARK_CORNERS)]
    angle = rng.uniform(0, 2 * np.pi)
    wedge = np.sin(2 * np.pi / corners) / 2
    radius = diameter / 2 * np.sqrt(np.pi / (corners * wedge))
    turns = angle + np.arange(corners) * 2 * np.pi / corners
    offsets = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    shape = _pixels(center + radius * offsets)
    cv2.fillPoly(img, [shape], color.tolist())
    cv2.polylines(img, [shape], True, (20, 20, 20))
    return shape


def _textured(
    textures: Callable[[int], np.ndarray],
    img_size: int,
    color: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """An image covered with a random texture, mean colour ``color``."""
    bank = textures(2 * img_size)
    y, x = rng.integers(0, img_size, 2)
    texture = bank[rng.integers(len(bank))]
    window = texture[y : y + img_size, x : x + img_size]
    shades = np.clip(color + np.linspace(-45, 45, 256)[:, None], 0, 255)
    table = shades.astype(np.uint8).reshape(256, 1, 3)
    return cv2.LUT(cv2.merge([window] * 3), table)


@lru_cache(maxsize=4)
def _furs(size: int) -> np.ndarray:
    """Stripes of short waves, bent and broken, shape (12, size, size)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size]

    def fur() -> np.ndarray:
        angle = rng.uniform(0, np.pi)
        bend = _noise(rng, size, cells=size // 16) * 9
        phase = x * np.cos(angle) + y * np.sin(angle) + bend
        waves = np.sin(phase * 2 * np.pi / rng.uniform(4.5, 6.5))
        return np.sign(waves) + 0.4 * rng.standard_normal(x.shape)

    return np.stack([_to_uint8(fur()) for _ in range(NUM_TEXTURES)])


@lru_cache(maxsize=4)
def _clouds(size: int) -> np.ndarray:
    """Slow changes with a fine grain, shape (12, size, size)."""
    rng = np.random.default_rng(1)

    def cloud() -> np.ndarray:
        slow = _noise(rng, size, cells=size // 24)
        return slow + 0.12 * rng.standard_normal(slow.shape)

    return np.stack([_to_uint8(cloud()) for _ in range(NUM_TEXTURES)])


def _noise(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """Smooth noise with about ``cells`` independent values a side."""
    coarse = rng.standard_normal((max(cells, 2),) * 2).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _to_uint8(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [2, 98])
    scaled = np.clip((values - low) / (high - low), 0, 1)
    return (scaled * 255).astype(np.uint8)


def _dull_color(rng: np.random.Generator, value: float) -> np.ndarray:
    """A greyish BGR colour, shape (3,), of the mean brightness ``value``."""
    return np.clip(value + rng.uniform(-28, 28, 3), 0, 255)


def _ellipse(
    center: tuple[float, float] | np.ndarray,
    radii: tuple[float, float] | np.ndarray,
    angle: float = 0.0,
) -> np.ndarray:
    """Polygon of an ellipse, turned by ``angle`` (radians), shape (24, 2)."""
    return UNIT_CIRCLE * radii @ _rotation(angle).T + center


def _rotation(angle: float) -> np.ndarray:
    """Matrix that turns (x, y) by ``angle`` (radians), shape (2, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def _pixels(points: np.ndarray) -> np.ndarray:
    """Polygon corners as OpenCV wants them: rounded int32."""
    return np.round(points).astype(np.int32)
