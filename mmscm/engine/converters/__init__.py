"""Convert released checkpoints to the names of weights used here."""

from .released import Conversion, convert_file, convert_state_dict

__all__ = ['Conversion', 'convert_file', 'convert_state_dict']
