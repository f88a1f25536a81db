"""Hooks of the Runner."""

from .checkpoint import CheckpointHook
from .class_count import ClassCountHook
from .epoch_seed import EpochSeedHook
from .fit_ddt import FitDDTHook
from .require_weights import RequireWeightsHook
from .stop_on_non_finite import StopOnNonFiniteHook
from .store_thresholds import StoreThresholdsHook

__all__ = [
    'CheckpointHook',
    'ClassCountHook',
    'EpochSeedHook',
    'FitDDTHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
]
