"""Reference results of the released models, and names of their weights."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DATA = Path(__file__).parents[1] / 'data' / 'parity'

# released name -> name here, in this order
RENAMES = (
    (r'^patch_embed\.proj\.', 'patch_embed.projection.'),
    (r'^blocks\.(\d+)\.norm(\d)\.', r'layers.\1.ln\2.'),
    (r'^blocks\.(\d+)\.mlp\.fc1\.', r'layers.\1.ffn.layers.0.0.'),
    (r'^blocks\.(\d+)\.mlp\.fc2\.', r'layers.\1.ffn.layers.1.'),
    (r'^blocks\.', 'layers.'),
    (r'^norm\.', 'ln1.'),
    (r'^(?!head|layers\.\d\.(thred|fuse))', 'backbone.'),
    (r'^head\.', 'head.conv.'),
    (r'^layers\.(\d)\.thred$', r'neck.blocks.\1.beta'),
    (r'^layers\.(\d)\.fuse\._loss_rate$', r'neck.blocks.\1.lambda_'),
)


def arrays(name: str) -> dict[str, Tensor]:
    """Arrays of one file, floats as float64."""
    with np.load(DATA / f'{name}.npz') as file:
        tensors = {key: torch.from_numpy(file[key]) for key in file}
    return {
        key: value.double() if value.is_floating_point() else value
        for key, value in tensors.items()
    }


def state_dict(name: str) -> dict[str, Tensor]:
    """Weights or gradients of a released model under the names used here."""
    released = torch.load(DATA / f'{name}.pth', weights_only=True)
    return {rename(key): value.double() for key, value in released.items()}


def rename(key: str) -> str:
    for pattern, name in RENAMES:
        key = re.sub(pattern, name, key)
    return key
