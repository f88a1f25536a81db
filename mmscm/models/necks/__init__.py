"""Necks: what stands between the maps and the loss in training."""

from .scm import SCM, ActivationDiffusionBlock

__all__ = ['SCM', 'ActivationDiffusionBlock']
