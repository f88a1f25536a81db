"""Data sets, their annotation formats, and transforms that carry boxes."""

from .cub import CUBLocalization
from .imagenet import ImageNetLocalization
from .load_image import LoadImage
from .mask_loading import LoadLocalizationMask
from .toy_objects import ToyObjects
from .transforms import RandomCrop, RandomFlip, Resize
from .wsol_metadata import WSOLMetadata

__all__ = [
    'CUBLocalization',
    'ImageNetLocalization',
    'LoadImage',
    'LoadLocalizationMask',
    'RandomCrop',
    'RandomFlip',
    'Resize',
    'ToyObjects',
    'WSOLMetadata',
]
