"""The mathematics of the project; it imports no other part of it."""

from .boxes import boxes_from_map, pairwise_iou
from .diffusion import diffuse, newton_schulz
from .filtering import filter_diffused, tanh_shrink
from .laplacian import semantic_laplacian
from .maps import min_max_normalize, resize_maps

__all__ = [
    'boxes_from_map',
    'diffuse',
    'filter_diffused',
    'min_max_normalize',
    'newton_schulz',
    'pairwise_iou',
    'resize_maps',
    'semantic_laplacian',
    'tanh_shrink',
]
