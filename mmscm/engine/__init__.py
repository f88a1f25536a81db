"""Run the models with mmengine: launching, checkpoints, hooks."""

from .cpu_amp import CPUAmpOptimWrapper
from .hooks import (
    CheckpointHook,
    CheckValidationHook,
    ClassCountHook,
    EpochSeedHook,
    ParamSchedulerHook,
    RequireWeightsHook,
    StopOnNonFiniteHook,
    StoreThresholdsHook,
)
from .public_weights import load_public

__all__ = [
    'CPUAmpOptimWrapper',
    'CheckValidationHook',
    'CheckpointHook',
    'ClassCountHook',
    'EpochSeedHook',
    'ParamSchedulerHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
    'load_public',
]
