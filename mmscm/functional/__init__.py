"""The mathematics of the project; it imports no other part of it."""

from .boxes import boxes_from_map, pairwise_iou
from .diffusion import diffuse, newton_schulz
from .filtering import filter_diffused
from .grid import GridLaplacian, edge_dissimilarity, semantic_laplacian
from .maps import min_max_normalize, resize_maps
from .tanh_shrink import tanh_shrink

__all__ = [
    'GridLaplacian',
    'boxes_from_map',
    'diffuse',
    'edge_dissimilarity',
    'filter_diffused',
    'min_max_normalize',
    'newton_schulz',
    'pairwise_iou',
    'resize_maps',
    'semantic_laplacian',
    'tanh_shrink',
]
