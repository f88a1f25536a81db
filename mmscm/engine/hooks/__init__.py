"""Hooks of the Runner."""

from .channels_last import ChannelsLastHook
from .checkpoint import CheckpointHook
from .checks import CheckValidationHook, ClassCountHook, RequireWeightsHook
from .epoch_seed import EpochSeedHook
from .fit_ddt import FitDDTHook
from .param_scheduler import ParamSchedulerHook
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
