"""Outlines of the toy objects: a body with head, tail and legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
UNIT_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


@dataclass(frozen=True)
class Outline:
    """An object as polygons.

    Args:
        parts (list[np.ndarray]): Polygons, each of shape (P, 2) as (x, y).
        anchors (np.ndarray): Where class marks may sit (head, then rump),
            shape (A, 2) as (x, y).
    """

    parts: list[np.ndarray]
    anchors: np.ndarray

    def moved(self, matrix: np.ndarray, offset: np.ndarray) -> Outline:
        """The outline under ``x -> matrix x + offset``."""
        return Outline(
            [part @ matrix.T + offset for part in self.parts],
            self.anchors @ matrix.T + offset,
        )

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest (x, y) of all parts."""
        points = np.concatenate(self.parts)
        return points.min(axis=0), points.max(axis=0)


def random_animal(rng: np.random.Generator) -> Outline:
    """An animal that looks to the right, about 2 units long."""
    height = rng.uniform(0.45, 0.75)
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
    return Outline(parts, np.stack([head, rump]))


def place_randomly(
    outline: Outline, size: float, img_size: int, rng: np.random.Generator
) -> Outline:
    """Turn, mirror and scale the outline, and put it inside the image.

    Args:
        outline (Outline): Any outline.
        size (float): Longer side of the placed outline's box, pixels.
        img_size (int): Side of the image, pixels.
        rng (np.random.Generator): Source of the place.

    Returns:
        Outline: In pixels, all parts within ``[0, img_size - 1]``.
    """
    turn = rotation(rng.uniform(0, 2 * np.pi))
    turned = outline.moved(turn * rng.choice([-1, 1], 2), np.zeros(2))
    low, high = turned.bounds()
    scale = size / (high - low).max()
    room = img_size - 1 - scale * (high - low)
    offset = rng.uniform(0, 1, 2) * room - scale * low
    return turned.moved(scale * np.eye(2), offset)


def ellipse(
    center: tuple[float, float] | np.ndarray,
    radii: tuple[float, float],
    angle: float = 0.0,
) -> np.ndarray:
    """Polygon of an ellipse, turned by ``angle`` (radians), shape (24, 2)."""
    return UNIT_CIRCLE * radii @ rotation(angle).T + center


def regular_polygon(
    center: np.ndarray, diameter: float, corners: int, angle: float
) -> np.ndarray:
    """Regular polygon with the area of a circle of ``diameter``.

    Returns:
        np.ndarray: Corners as (x, y), shape (corners, 2).
    """
    wedge = np.sin(2 * np.pi / corners) / 2
    radius = diameter / 2 * np.sqrt(np.pi / (corners * wedge))
    turns = angle + np.arange(corners) * 2 * np.pi / corners
    return center + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)


def rotation(angle: float) -> np.ndarray:
    """Matrix that turns (x, y) by ``angle`` (radians), shape (2, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])
