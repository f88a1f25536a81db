"""Run the models with mmengine: launching, checkpoints, hooks."""

from . import hooks, launch, public_weights

__all__ = ['hooks', 'launch', 'public_weights']
