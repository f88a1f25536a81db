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
from .public_weights import load_public

__all__ = [
    'CPUAmpOptimWrapper',
    'CheckpointHook',
    'ClassCountHook',
    'EpochSeedHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
    'load_public',
]
