"""Grey maps on which finding boxes could go wrong."""

import cv2
import numpy as np


def random_map(seed: int) -> np.ndarray:
    """Grey map, uint8, of one of the kinds below and a random size."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 40, 2)
    image = KINDS[seed % len(KINDS)](rng, int(height), int(width))
    image = np.ascontiguousarray(image, np.uint8)
    assert image.shape == (height, width)
    return image


def smooth(rng, height, width):
    patches = rng.random(rng.integers(1, 8, 2)) * 255
    return cv2.resize(patches, (width, height)).clip(0, 255)


def plateaus(rng, height, width):
    steps = rng.integers(2, 6)
    return smooth(rng, height, width) // (255 // steps) * (255 // steps)


def noise(rng, height, width):
    return rng.integers(0, 256, (height, width))


def lines(rng, height, width):
    image = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 8)):
        points = rng.integers(0, [width, height], (2, 2))
        grey = int(rng.integers(1, 256))
        cv2.line(image, points[0].tolist(), points[1].tolist(), grey)
    return image


def rings(rng, height, width):
    image = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 6)):
        centre = rng.integers(0, [width, height]).tolist()
        radius, thickness = rng.integers(1, 12), rng.integers(1, 4)
        grey = int(rng.integers(0, 256))
        cv2.circle(image, centre, int(radius), grey, int(thickness))
    return image


def islands(rng, height, width):
    image = smooth(rng, height, width).astype(np.uint8)
    holes = rng.random((height, width)) < rng.random() / 4
    image[holes] = rng.integers(0, 256)
    return image


def framed(rng, height, width):
    image = 255 - smooth(rng, height, width)
    image[[0, -1]] = image[:, [0, -1]] = rng.integers(0, 256)
    return image


def checkers(rng, height, width):
    y, x = np.ogrid[:height, :width]
    return (y + x) % 2 * rng.integers(1, 256) + smooth(rng, height, width) // 9


def constant(rng, height, width):
    return np.full((height, width), rng.integers(0, 256))


KINDS = constant, smooth, plateaus, noise, lines, rings, islands, framed
KINDS += (checkers,)
