"""Textures and colours of the toy scenes, the same in every process."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

NUM_TEXTURES = 12


@lru_cache(maxsize=4)
def fur_textures(size: int) -> np.ndarray:
    """Stripes of short waves, bent and broken: what bodies are covered with.

    Args:
        size (int): Side of a texture, pixels.

    Returns:
        np.ndarray: uint8, shape (NUM_TEXTURES, size, size).
    """
    rng = np.random.default_rng(0)
    return np.stack([_fur(rng, size) for _ in range(NUM_TEXTURES)])


@lru_cache(maxsize=4)
def cloud_textures(size: int) -> np.ndarray:
    """Slow changes with a fine grain: what backgrounds are covered with.

    Args:
        size (int): Side of a texture, pixels.

    Returns:
        np.ndarray: uint8, shape (NUM_TEXTURES, size, size).
    """
    rng = np.random.default_rng(1)
    return np.stack([_cloud(rng, size) for _ in range(NUM_TEXTURES)])


def class_colors(num_classes: int) -> np.ndarray:
    """Saturated colours, evenly spaced in hue.

    Returns:
        np.ndarray: uint8 BGR, shape (num_classes, 3).
    """
    hues = np.arange(num_classes) * 180 / num_classes  # OpenCV: 180 a turn
    hsv = np.stack([hues, np.full_like(hues, 255), np.full_like(hues, 255)])
    return cv2.cvtColor(hsv.T[None].astype(np.uint8), cv2.COLOR_HSV2BGR)[0]


def dull_color(rng: np.random.Generator, value: float) -> np.ndarray:
    """A greyish BGR colour, shape (3,), of the mean brightness ``value``."""
    return np.clip(value + rng.uniform(-28, 28, 3), 0, 255)


def _fur(rng: np.random.Generator, size: int) -> np.ndarray:
    angle = rng.uniform(0, np.pi)
    y, x = np.mgrid[:size, :size]
    bend = _noise(rng, size, cells=size // 16) * 9
    phase = x * np.cos(angle) + y * np.sin(angle) + bend
    waves = np.sin(phase * 2 * np.pi / rng.uniform(4.5, 6.5))
    return _to_uint8(np.sign(waves) + 0.4 * rng.standard_normal(x.shape))


def _cloud(rng: np.random.Generator, size: int) -> np.ndarray:
    slow = _noise(rng, size, cells=size // 24)
    return _to_uint8(slow + 0.12 * rng.standard_normal(slow.shape))


def _noise(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """Smooth noise with about ``cells`` independent values a side."""
    coarse = rng.standard_normal((max(cells, 2),) * 2).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _to_uint8(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [2, 98])
    scaled = np.clip((values - low) / (high - low), 0, 1)
    return (scaled * 255).astype(np.uint8)
