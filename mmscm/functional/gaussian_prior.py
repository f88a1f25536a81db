"""SPOL's pseudo masks: a map, with a Gaussian where it is weak but likely."""

from __future__ import annotations

import cv2
import numpy as np

from .boxes import quantize

SIDE = 256  # of a mask, pixels
BACKGROUND, OBJECT, IGNORE = 0, 1, 255
WEAK = 0.1, 0.5  # scores between them are what a Gaussian is fitted to
SMALLEST_AREA = 20  # of a contour, pixels
NARROWER = 10  # factor of the variances
OBJECT_FROM = 0.25 * 255  # grey level
BACKGROUND_TO = 0.01 * 255


def pseudo_mask(score_map: np.ndarray) -> np.ndarray:
    """Which pixels a segmentation is to learn as object, which as background.

    Object is what scores above 1/4 of the maximum or lies within the prior
    of :func:`gaussian_prior`; background what scores below 1/100. All is
    compared in 256 grey levels, as the released code stores it.

    Args:
        score_map (np.ndarray): Map of the image's class, high on the object,
            of any size; what is negative counts as 0. Shape (h, w).

    Returns:
        np.ndarray: 1 object, 0 background, 255 neither, uint8, shape
        (256, 256).
    """
    scores = np.maximum(np.asarray(score_map, np.float32), 0)
    scores = scores / (scores.max() + 1e-6)
    scores = cv2.resize(scores, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    level, prior = quantize(scores), quantize(gaussian_prior(scores))
    inside = (level > OBJECT_FROM) | (prior > OBJECT_FROM)
    outside = np.where(level < BACKGROUND_TO, BACKGROUND, IGNORE)
    return np.where(inside, OBJECT, outside).astype(np.uint8)


def gaussian_prior(scores: np.ndarray) -> np.ndarray:
    """The largest of the Gaussians of all weak parts of a map.

    Contours around scores from 0.1 to 0.5, those of holes too, have the mean
    and a tenth of the covariance of the scores inside. Both are in [0, 1],
    shape (H, W); zeros without a contour of 20 pixels.
    """
    low, high = WEAK
    weak = np.where((scores >= low) & (scores <= high), scores, 0)
    contours, _ = cv2.findContours(
        (weak > 0).astype(np.uint8), cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
    )
    prior = np.zeros(scores.shape)
    for contour in contours:
        if cv2.contourArea(contour) >= SMALLEST_AREA:
            filled = np.zeros(scores.shape, np.uint8)
            cv2.drawContours(filled, [contour], -1, 1, thickness=-1)
            prior = np.maximum(prior, fitted_gaussian(filled * weak))
    return prior


def fitted_gaussian(weights: np.ndarray) -> np.ndarray:
    """A Gaussian of height 1 with the moments of weights (H, W), narrower."""
    rows, columns = weights.sum(1), weights.sum(0)
    down, right = (
        np.arange(len(mass)) - (mass @ np.arange(len(mass))) / mass.sum()
        for mass in (rows, columns)
    )
    mixed = down @ weights @ right
    moments = [[rows @ down**2, mixed], [mixed, columns @ right**2]]
    (a, b), (_, c) = np.linalg.inv(moments) * weights.sum() * NARROWER
    distance = np.add.outer(a * down**2, c * right**2)
    return np.exp(-distance / 2 - b * np.outer(down, right))
