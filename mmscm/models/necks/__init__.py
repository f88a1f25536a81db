"""Necks: what stands between the maps and the loss in training."""

from .diffusion_block import ActivationDiffusionBlock
from .scm import SCM

__all__ = ['SCM', 'ActivationDiffusionBlock']
