"""Launching, checkpoints, hooks: how mmengine runs the models."""

from mmscm.engine.cpu_amp import CPUAmpOptimWrapper
from mmscm.engine.hooks import (
    CompileBackboneHook,
    RequireWeightsHook,
    StoreThresholdsHook,
)

__all__ = [
    'CPUAmpOptimWrapper',
    'CompileBackboneHook',
    'RequireWeightsHook',
    'StoreThresholdsHook',
]
