"""What the tools call: files, devices and command lines end here."""

from mmscm.apis.config import OptionAction, load_config, run_parser
from mmscm.apis.runner import build_runner, set_testing, set_training

__all__ = [
    'OptionAction',
    'build_runner',
    'load_config',
    'run_parser',
    'set_testing',
    'set_training',
]
