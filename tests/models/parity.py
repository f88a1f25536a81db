"""Reference results of the released models, and their weights converted."""

from pathlib import Path

import numpy as np
import torch
from convert_released import convert_state_dict
from mmengine.registry import DefaultScope
from mmengine.runner import load_checkpoint
from tool_runs import ROOT, run_tool
from torch import Tensor

from mmscm.registry import MODELS

DATA = ROOT / 'tests' / 'data' / 'parity'


def arrays(name: str) -> dict[str, Tensor]:
    """Arrays of one file, floats as float64."""
    with np.load(DATA / f'{name}.npz') as file:
        tensors = {key: torch.from_numpy(file[key]) for key in file}
    return {
        key: value.double() if value.is_floating_point() else value
        for key, value in tensors.items()
    }


def gradients(name: str) -> dict[str, Tensor]:
    """Gradients of a released model under the names used here."""
    released = torch.load(DATA / f'{name}_grads.pth', weights_only=True)
    converted = convert_state_dict(released).state_dict
    return {key: value.double() for key, value in converted.items()}


def released_model(name: str, config: dict, folder: Path) -> torch.nn.Module:
    """A model in float64 with the weights of a released one, converted."""
    files = DATA / f'{name}_weights_fp16.pth', folder / f'{name}.pth'
    run_tool('model_converters/convert_released.py', *files)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config).double()
    load_checkpoint(model, str(folder / f'{name}.pth'), strict=True)
    return model
