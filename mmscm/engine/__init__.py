"""Run the models with mmengine: launching, checkpoints, hooks."""

from .cpu_amp import CPUAmpOptimWrapper
from .hooks import (
    CheckpointHook,
    ClassCountHook,
    EpochSeedHook,
    RequireWeightsHook,
    StopOnNonFiniteHook,
    StoreThresholdsHook,
)

__all__ = [
    'CPUAmpOptimWrapper',
    'CheckpointHook',
    'ClassCountHook',
    'EpochSeedHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
]
