"""Ellipses and rectangles as masks that numbers can be learnt through."""

from __future__ import annotations

import math

import torch
from torch import Tensor

LEAST = 1e-4  # sides of a shape, in fractions of the image


def soft_mask(
    shapes: Tensor, size: tuple[int, int], slope: float | Tensor
) -> Tensor:
    """How far each pixel lies inside a shape, by an arc tangent (GC-Net).

    1/2 - atan(slope (r - 1)) / pi, where r is 1 on the edge: of an ellipse
    (2 u / w)^2 + (2 v / h)^2 along its axes u and v, of a rectangle
    2 max(|x| / w, |y| / h).

    Args:
        shapes (Tensor): Centre x, y and sides w, h in fractions of the
            image, of an ellipse its angle from -1/2 to 1/2 half-turns too;
            shape (B, 4) or (B, 5).
        size (tuple[int, int]): Height and width of the image in pixels,
            whose first and last pixels are 0 and 1.
        slope (float | Tensor): Larger is sharper.

    Returns:
        Tensor: In (0, 1), shape (B, *size).
    """
    rows, columns = (
        torch.linspace(0, 1, n, dtype=shapes.dtype, device=shapes.device)
        for n in size
    )
    center_x, center_y, width, height = shapes[:, :4, None, None].unbind(1)
    x, y = columns - center_x, rows[:, None] - center_y
    width, height = width.clamp(min=LEAST), height.clamp(min=LEAST)
    if shapes.shape[1] == 5:
        turn = math.pi * shapes[:, 4, None, None]
        along = x * turn.cos() + y * turn.sin()
        across = x * turn.sin() - y * turn.cos()
        reach = (2 * along / width) ** 2 + (2 * across / height) ** 2
    else:
        reach = 2 * torch.maximum(x.abs() / width, y.abs() / height)
    return 0.5 - torch.atan(slope * (reach - 1)) / math.pi


def shape_boxes(shapes: Tensor) -> Tensor:
    """Boxes (B, 4) around shapes as above, xyxy in fractions of the image."""
    centers, sides = shapes[:, :2], shapes[:, 2:4]
    if shapes.shape[1] == 5:
        turn = math.pi * shapes[:, 4:]
        parts = torch.cat([turn.cos(), turn.sin()], 1) * sides[:, :1]
        others = torch.cat([turn.sin(), turn.cos()], 1) * sides[:, 1:]
        # ONNX has no torch.hypot
        sides = (parts.square() + others.square()).sqrt()
    corners = torch.cat([centers - sides / 2, centers + sides / 2], 1)
    return corners.clamp(0, 1)
