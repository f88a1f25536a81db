"""Launching, checkpoints, hooks: how mmengine runs the models."""

from mmscm.engine.cpu_amp import CPUAmpOptimWrapper
from mmscm.engine.hooks import (
    CheckpointHook,
    CompileBackboneHook,
    EpochSeedHook,
    RequireWeightsHook,
    StopOnNonFiniteHook,
    StoreThresholdsHook,
)

__all__ = [
    'CPUAmpOptimWrapper',
    'CheckpointHook',
    'CompileBackboneHook',
    'EpochSeedHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
]
