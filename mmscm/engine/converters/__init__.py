"""Weights of other people's checkpoints under the names used here."""

from .released import Conversion, convert_file, convert_state_dict

__all__ = ['Conversion', 'convert_file', 'convert_state_dict']
