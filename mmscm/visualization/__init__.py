"""Pictures of images, maps and boxes."""

from .localization_visualizer import LocalizationVisualizer

__all__ = ['LocalizationVisualizer']
