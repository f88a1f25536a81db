"""Draw a toy scene: background, clutter, an animal, its class marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

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
Texture = Callable[[np.random.Generator, int], np.ndarray]
TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
UNIT_CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)


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
    scene = Scene(num_classes, img_size, rng)
    scene.draw_clutter()
    scene.draw_distractors()
    mask = scene.draw_object(label)
    x, y, w, h = cv2.boundingRect(mask)
    return scene.img, mask, np.array([x, y, x + w, y + h], np.float32)


class Scene:
    """A background, ``img``, and what is drawn on it, one over the other."""

    def __init__(
        self, num_classes: int, img_size: int, rng: np.random.Generator
    ) -> None:
        self.rng = rng
        self.size = img_size
        self.colors = class_colors(num_classes)
        self.brightness = rng.uniform(70, 185)
        self.img = self.textured(cloud, self.brightness)

    def draw_clutter(self) -> None:
        """Dull ellipses."""
        for _ in range(NUM_CLUTTER):
            center = self.rng.uniform(0, self.size, 2)
            radii = self.rng.uniform(0.02, 0.14, 2) * self.size
            value = self.brightness + self.rng.uniform(-60, 60)
            color = self.dull_color(value)
            shape = ellipse(center, radii, self.rng.uniform(0, np.pi))
            cv2.fillPoly(self.img, [pixels(shape)], color.tolist())

    def draw_distractors(self) -> None:
        """Marks of any class, but paler."""
        for _ in range(NUM_DISTRACTORS):
            center = self.rng.uniform(0, self.size, 2)
            diameter = MIN_MARK * self.rng.uniform(1, 1.6)
            label = self.rng.integers(len(self.colors))
            grey = self.colors[label].mean()
            color = grey + DISTRACTOR_SATURATION * (self.colors[label] - grey)
            self.draw_mark(center, diameter, label, color)

    def draw_object(self, label: int) -> np.ndarray:
        """Paint the body, then the marks on it; return the mask of both."""
        side = self.rng.uniform(*OBJECT_SIZE) * self.size
        *body, anchors = random_animal(side, self.size, self.rng)
        mask = np.zeros((self.size, self.size), np.uint8)
        for part in body:  # together, overlaps would stay unfilled
            cv2.fillPoly(mask, [pixels(part)], 1)
        away = CONTRAST if self.brightness < 128 else -CONTRAST
        cv2.copyTo(self.textured(fur, self.brightness + away), mask, self.img)
        diameter = max(MIN_MARK, MARK_SIZE * side)
        for anchor in anchors:
            mark = self.draw_mark(anchor, diameter, label, self.colors[label])
            cv2.fillPoly(mask, [mark], 1)
        return mask

    def draw_mark(
        self,
        center: np.ndarray,
        diameter: float,
        label: int,
        color: np.ndarray,
    ) -> np.ndarray:
        """Draw the shape of a class with a dark rim; return its corners.

        All shapes have the area of a circle of ``diameter``.
        """
        corners = MARK_CORNERS[label % len(MARK_CORNERS)]
        angle = self.rng.uniform(0, 2 * np.pi)
        wedge = np.sin(2 * np.pi / corners) / 2
        radius = diameter / 2 * np.sqrt(np.pi / (corners * wedge))
        turns = angle + np.arange(corners) * 2 * np.pi / corners
        offsets = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        shape = pixels(center + radius * offsets)
        cv2.fillPoly(self.img, [shape], color.tolist())
        cv2.polylines(self.img, [shape], True, (20, 20, 20))
        return shape

    def textured(self, kind: Texture, brightness: float) -> np.ndarray:
        """An image of a random texture in a dull colour."""
        color = self.dull_color(brightness)
        bank = textures(kind, 2 * self.size)
        y, x = self.rng.integers(0, self.size, 2)
        texture = bank[self.rng.integers(len(bank))]
        window = texture[y : y + self.size, x : x + self.size]
        shades = np.clip(color + np.linspace(-45, 45, 256)[:, None], 0, 255)
        table = shades.astype(np.uint8).reshape(256, 1, 3)
        return cv2.LUT(cv2.merge([window] * 3), table)

    def dull_color(self, brightness: float) -> np.ndarray:
        """A greyish BGR colour, shape (3,)."""
        return np.clip(brightness + self.rng.uniform(-28, 28, 3), 0, 255)


def class_colors(num_classes: int) -> np.ndarray:
    """Saturated BGR colours, evenly spaced in hue, shape (num_classes, 3)."""
    hues = np.arange(num_classes) * 180 / num_classes  # OpenCV: 180 a turn
    hsv = np.stack([hues, np.full_like(hues, 255), np.full_like(hues, 255)])
    hsv = hsv.T[None].astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0].astype(float)


def random_animal(
    side: float, img_size: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """A turned, maybe mirrored animal whose box has longer side ``side``.

    Returns:
        list[np.ndarray]: Polygons of its parts, each of shape (P, 2) as
        (x, y) within ``[0, img_size - 1]`` pixels; last, the places of its
        marks (head, then rump), shape (2, 2).
    """
    height = rng.uniform(0.45, 0.75)  # of a body that is 2 units long
    head = np.array([rng.uniform(0.95, 1.25), rng.uniform(-1, 0.2) * height])
    rump = np.array([rng.uniform(-0.7, -0.3), 0.0])
    tail = np.array([-1.3, rng.uniform(-0.8, 0.8) * height])
    parts = [
        ellipse((0, 0), (1, height)),
        ellipse(head, (rng.uniform(0.42, 0.55),) * 2),
        ellipse(tail, (0.5, 0.16), rng.uniform(-0.5, 0.5)),
    ]
    parts += [
        ellipse((x + rng.uniform(-0.1, 0.1), height), (0.17, 0.5))
        for x in (-0.6, 0.0, 0.6)[: rng.integers(1, 4)]
    ]
    turn = rotation(rng.uniform(0, 2 * np.pi)) * rng.choice([-1, 1], 2)
    turned = [part @ turn.T for part in (*parts, np.stack([head, rump]))]
    points = np.concatenate(turned[:-1])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side / (high - low).max()
    room = img_size - 1 - scale * (high - low)
    offset = rng.uniform(0, 1, 2) * room - scale * low
    return [scale * part + offset for part in turned]


@lru_cache(maxsize=8)
def textures(kind: Texture, size: int) -> np.ndarray:
    """Twelve textures of a kind, 0 to 255, shape (12, size, size)."""
    rng = np.random.default_rng((fur, cloud).index(kind))
    return np.stack([to_uint8(kind(rng, size)) for _ in range(NUM_TEXTURES)])


def fur(rng: np.random.Generator, size: int) -> np.ndarray:
    """Stripes of short waves, bent and broken."""
    y, x = np.mgrid[:size, :size]
    angle = rng.uniform(0, np.pi)
    bend = noise(rng, size, cells=size // 16) * 9
    phase = x * np.cos(angle) + y * np.sin(angle) + bend
    waves = np.sin(phase * 2 * np.pi / rng.uniform(4.5, 6.5))
    return np.sign(waves) + 0.4 * rng.standard_normal(x.shape)


def cloud(rng: np.random.Generator, size: int) -> np.ndarray:
    """Slow changes with a fine grain."""
    slow = noise(rng, size, cells=size // 24)
    return slow + 0.12 * rng.standard_normal(slow.shape)


def noise(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """Smooth noise with about ``cells`` independent values a side."""
    coarse = rng.standard_normal((max(cells, 2),) * 2).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def to_uint8(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [2, 98])
    scaled = np.clip((values - low) / (high - low), 0, 1)
    return (scaled * 255).astype(np.uint8)


def ellipse(
    center: tuple[float, float] | np.ndarray,
    radii: tuple[float, float] | np.ndarray,
    angle: float = 0.0,
) -> np.ndarray:
    """Polygon of an ellipse, turned by ``angle`` (radians), shape (24, 2)."""
    return UNIT_CIRCLE * radii @ rotation(angle).T + center


def rotation(angle: float) -> np.ndarray:
    """Matrix that turns (x, y) by ``angle`` (radians), shape (2, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def pixels(points: np.ndarray) -> np.ndarray:
    """Polygon corners as OpenCV wants them: rounded int32."""
    return np.round(points).astype(np.int32)
