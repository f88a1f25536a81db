"""Run the models with mmengine: launching, checkpoints, hooks."""

from . import cpu_amp, hooks, public_weights

__all__ = ['cpu_amp', 'hooks', 'public_weights']
