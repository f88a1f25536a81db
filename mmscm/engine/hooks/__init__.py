"""Hooks of the Runner."""

from mmscm.engine.hooks.require_weights import RequireWeightsHook

__all__ = ['RequireWeightsHook']
