"""What the tools call: files, devices and command lines end here."""

from mmscm.apis.config import OptionAction, default_work_dir, load_config
from mmscm.apis.runner import build_runner, set_testing, set_training

__all__ = [
    'OptionAction',
    'build_runner',
    'default_work_dir',
    'load_config',
    'set_testing',
    'set_training',
]
