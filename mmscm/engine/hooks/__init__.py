"""Hooks of the Runner."""

from mmscm.engine.hooks.checkpoint import CheckpointHook
from mmscm.engine.hooks.class_count import ClassCountHook
from mmscm.engine.hooks.compile_backbone import CompileBackboneHook
from mmscm.engine.hooks.epoch_seed import EpochSeedHook
from mmscm.engine.hooks.fit_ddt import FitDDTHook
from mmscm.engine.hooks.require_weights import RequireWeightsHook
from mmscm.engine.hooks.stop_on_non_finite import StopOnNonFiniteHook
from mmscm.engine.hooks.store_thresholds import StoreThresholdsHook

__all__ = [
    'CheckpointHook',
    'ClassCountHook',
    'CompileBackboneHook',
    'EpochSeedHook',
    'FitDDTHook',
    'RequireWeightsHook',
    'StopOnNonFiniteHook',
    'StoreThresholdsHook',
]
