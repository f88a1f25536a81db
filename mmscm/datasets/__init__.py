"""Data sets, their annotation formats, and transforms that carry boxes."""

from .cub import CUBLocalization
from .imagenet import ImageNetLocalization
from .load_image import AnnotatedSizeWarning, LoadImage
from .paired_sampler import PairedClassSampler
from .pseudo_masks import LoadPseudoMask
from .toy import ToyObjects
from .transforms import (
    LoadLocalizationMask,
    RandomCrop,
    RandomFlip,
    RandomResizedCrop,
    Resize,
)
from .wsol_metadata import WSOLMetadata

__all__ = [
    'AnnotatedSizeWarning',
    'CUBLocalization',
    'ImageNetLocalization',
    'LoadImage',
    'LoadLocalizationMask',
    'LoadPseudoMask',
    'PairedClassSampler',
    'RandomCrop',
    'RandomFlip',
    'RandomResizedCrop',
    'Resize',
    'ToyObjects',
    'WSOLMetadata',
]
