"""A whole training step, against the dense model and against TS-CAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .dense_model import DenseModel
from .graph import saved_bytes
from .setting import DTYPES, Setting
from .timing import Row, compare

# settings of configs/_base_/schedules/cub_30e.py
ADAMW: dict[str, Any] = dict(lr=5e-5, betas=(0.9, 0.99), weight_decay=5e-4)
VARIANTS = (
    ('dense', 'float32'),
    ('scm', 'float32'),
    ('tscam', 'float32'),
    ('scm', 'bfloat16'),
    ('tscam', 'bfloat16'),
)
COMPILED = (('scm compiled', 'float32'), ('scm compiled', 'bfloat16'))
CURVE_STEPS = 20


def benchmark_step(setting: Setting) -> dict[str, list]:
    """Forward, backward and AdamW: time, graph memory and losses.

    Args:
        setting (Setting): All of it is read.

    Returns:
        dict[str, list]: 'times' (list[Row]) and 'memory' (list of dicts).
    """
    case = f'{setting.img_size} px'
    variants = VARIANTS + (COMPILED if setting.compiled else ())
    steps = {
        f'{name} {dtype}': Step(setting, name, dtype)
        for name, dtype in variants
    }
    memory = [
        dict(case=case, name=name, bytes=saved_bytes(step.loss))
        for name, step in steps.items()
    ]
    times = compare(case, steps, setting.rounds, setting.clock)
    return dict(times=times + _overhead(setting, steps), memory=memory)


def benchmark_overhead(setting: Setting) -> dict[str, list]:
    """What the neck adds to a step: SCM against TS-CAM, many rounds.

    Returns:
        dict[str, list]: 'times' (list[Row]).
    """
    steps = {
        f'{name} {dtype}': Step(setting, name, dtype)
        for name in ('tscam', 'scm')
        for dtype in DTYPES
    }
    return dict(times=_overhead(setting, steps))


def _overhead(setting: Setting, steps: Mapping[str, Step]) -> list[Row]:
    """The pair of each dtype, by the names in ``steps``."""
    case = f'{setting.img_size} px'
    times = []
    for dtype in DTYPES:
        names = f'tscam {dtype}', f'scm {dtype}'
        pair = {name: steps[name] for name in names}
        times += compare(case, pair, setting.rounds, setting.clock)
    return times


def compare_losses(setting: Setting) -> dict[str, list]:
    """Losses of the dense model and of SCM, trained alike in float32.

    Returns:
        dict[str, list]: 'losses', a dict for each step.
    """
    dense, ours = (Step(setting, name, 'float32') for name in ('dense', 'scm'))
    losses = [(dense(), ours()) for _ in range(CURVE_STEPS)]
    return dict(losses=[dict(dense=a, mmscm=b) for a, b in losses])


class Step:
    """A model, its optimizer and one batch; calling it is one step.

    Args:
        setting (Setting): Sizes.
        name (str): 'dense', 'scm', 'scm compiled' (the backbone is) or
            'tscam'.
        dtype (str): Of the autocast; 'float32' is without.
    """

    def __init__(self, setting: Setting, name: str, dtype: str) -> None:
        self.images, self.samples = setting.inputs()
        self.labels = torch.cat([i.gt_label for i in self.samples])
        self.dtype = DTYPES[dtype]
        model = setting.model('tscam' if name == 'tscam' else 'scm')
        self.model = DenseModel(model) if name == 'dense' else model
        if name == 'scm compiled':
            self.model.backbone.compile()
        self.model.train()
        fused = name != 'dense'
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), fused=fused, **ADAMW
        )

    def __call__(self) -> float:
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()

    def loss(self) -> Tensor:
        """Cross-entropy of the batch, 0-d."""
        with torch.autocast(
            'cpu', self.dtype, enabled=self.dtype != torch.float32
        ):
            if isinstance(self.model, DenseModel):
                logits = self.model.logits(self.images)
                return F.cross_entropy(logits, self.labels)
            return self.model.loss(self.images, self.samples)['loss']
