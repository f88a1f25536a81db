"""Hooks of the Runner."""

from .channels_last import ChannelsLastHook
from .check_validation import CheckValidationHook
from .checkpoint import CheckpointHook
from .class_count import ClassCountHook
from .epoch_seed import EpochSeedHook
from .fit_ddt import FitDDTHook
from .param_scheduler import ParamSchedulerHook
from .require_weights import RequireWeightsHook
from .stop_on_non_finite import StopOnNonFiniteHook
from .store_thresholds import StoreThresholdsHook

__all__ = [
    'ChannelsLastHook',
    'CheckValidationHook',
    'CheckpointHook',
    'ClassCountHook',
    'EpochSeedHook',
    'FitDDTHook',
    'ParamSchedulerHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
]
