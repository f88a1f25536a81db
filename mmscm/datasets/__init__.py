"""Data sets, their annotation formats, and transforms that carry boxes."""

from .mask_loading import LoadLocalizationMask
from .toy_objects import ToyObjects
from .transforms import RandomCrop, RandomFlip, Resize
from .wsol_metadata import WSOLMetadata

__all__ = [
    'LoadLocalizationMask',
    'RandomCrop',
    'RandomFlip',
    'Resize',
    'ToyObjects',
    'WSOLMetadata',
]
