"""Boxes, arrows and pictures on one sheet, in units of the sheet."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use('agg')

from matplotlib import pyplot as plt

UNITS = 12  # an inch
DRAWN = '#1f2430'
LEARNED = '#dbe7ff'
FIXED = '#eeeeee'
DROPPED = '#fff1cc'


class Canvas:
    """A sheet without axes.

    Args:
        width (float): In units; 12 units are an inch.
        height (float): In units.
    """

    def __init__(self, width: float, height: float) -> None:
        self.figure = plt.figure(figsize=(width / UNITS, height / UNITS))
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.axis('off')

    def text(self, x: float, y: float, words: str, **style) -> None:
        """Centred text."""
        style = {'size': 9, 'color': DRAWN, 'ha': 'center'} | style
        self.axes.text(x, y, words, va='center', zorder=4, **style)

    def box(
        self,
        left: float,
        bottom: float,
        width: float,
        height: float,
        words: str = '',
        color: str = FIXED,
    ) -> None:
        """A rectangle with text in its middle."""
        patch = plt.Rectangle(
            (left, bottom), width, height, fc=color, ec=DRAWN, lw=1, zorder=2
        )
        self.axes.add_patch(patch)
        self.text(left + width / 2, bottom + height / 2, words)

    def arrow(self, *points: tuple[float, float], dashed=False) -> None:
        """A line through all points with a head at the last one."""
        style = dict(color=DRAWN, lw=1.2, zorder=3)
        style['ls'] = '--' if dashed else '-'
        self.axes.plot(*zip(*points, strict=True), **style)
        head = dict(arrowstyle='-|>', color=DRAWN, lw=1.2, shrinkA=0)
        self.axes.annotate(
            '', points[-1], points[-2], arrowprops=head | dict(shrinkB=0)
        )

    def picture(
        self,
        left: float,
        bottom: float,
        side: float,
        pixels: np.ndarray,
        caption: str,
    ) -> None:
        """A square picture with its name below."""
        extent = (left, left + side, bottom, bottom + side)
        self.axes.imshow(pixels, extent=extent, zorder=2, aspect='auto')
        self.text(left + side / 2, bottom - 1.8, caption)

    def save(self, path: Path) -> None:
        """Write the sheet as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.figure.savefig(path, dpi=130)
        plt.close(self.figure)
