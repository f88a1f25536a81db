"""What the tools call: files and devices end here."""

from mmscm.apis.config import load_config
from mmscm.apis.runner import build_runner, set_testing, set_training

__all__ = [
    'build_runner',
    'load_config',
    'set_testing',
    'set_training',
]
