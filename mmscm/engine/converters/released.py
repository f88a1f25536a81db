"""Convert released checkpoints: SCM, TS-CAM, Conformer, plain transformers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from mmscm.engine.checkpoint import read_checkpoint
from mmscm.version import __version__
from mmscm.weights import weights_of

from .names import (
    CONFORMER,
    CONFORMER_HEAD,
    LINEAR_HEADS,
    SCM,
    VIT,
    VIT_HEAD,
    rename,
)


@dataclass
class Conversion:
    """What became of the weights of a checkpoint.

    Attributes:
        kind (str): 'scm', 'tscam' or 'classifier', and 'vit' or 'conformer'.
        state_dict (dict[str, Tensor]): Weights under the names used here.
        renamed (dict[str, str]): Name in the file -> name here.
        dropped (list[str]): Names in the file that localization has no use
            for: the linear heads of a classifier.
    """

    kind: str
    state_dict: dict[str, Tensor] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def convert_file(source: str | Path, target: str | Path) -> Conversion:
    """Read a checkpoint safely and write one for ``tools/test.py``.

    Args:
        source (str | Path): The released file; no code in it is run.
        target (str | Path): The file to write, with ``meta`` and
            ``state_dict``.

    Returns:
        Conversion: What was mapped.
    """
    source, target = Path(source), Path(target)
    if source.resolve() == target.resolve():
        raise ValueError(
            f'Expected a target that is not the source, but got {target} '
            'for both.'
        )
    conversion = convert_state_dict(read_checkpoint(str(source)))
    meta = dict(
        mmscm_version=__version__,
        converted_from=source.name,
        kind=conversion.kind,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=meta, state_dict=conversion.state_dict), target)
    return conversion


def convert_state_dict(checkpoint: dict) -> Conversion:
    """Detect what a checkpoint is and rename its weights.

    Args:
        checkpoint (dict): Names to tensors, bare or under ``state_dict`` or
            ``model``, with or without the prefix of DataParallel.

    Returns:
        Conversion: Every weight renamed or, for a linear head, dropped.

    Raises:
        ValueError: The kind is not known, or names are left over.
    """
    weights = weights_of(checkpoint)
    kind, rules = _detect(weights)
    conversion = Conversion(kind)
    for name, weight in weights.items():
        new = rename(name, rules)
        if new:
            conversion.renamed[name] = new
            conversion.state_dict[new] = _as_here(new, weight)
        elif kind.startswith('classifier') and re.fullmatch(
            LINEAR_HEADS, name
        ):
            conversion.dropped.append(name)
    _refuse_leftovers(weights, conversion)
    return conversion


def _detect(weights: dict[str, Tensor]) -> tuple[str, dict[str, str]]:
    """The kind of checkpoint and its rules."""
    if 'cls_token' not in weights:
        raise ValueError(
            'Expected the weights of a transformer in the names of the '
            'released code or of timm, with `cls_token`, but got '
            f'{_listing(list(weights))}. Checkpoints of mmengine need no '
            'conversion: load them through `load_from` or `init_cfg`.'
        )
    conformer = 'trans_patch_conv.weight' in weights
    backbone = CONFORMER if conformer else VIT
    head = CONFORMER_HEAD if conformer else VIT_HEAD
    name = 'conformer' if conformer else 'vit'
    scores = weights.get(
        'trans_cls_head.weight' if conformer else 'head.weight'
    )
    if scores is None or scores.ndim != 4:
        return f'classifier-{name}', backbone
    if any(key.startswith('layers.') for key in weights):
        return f'scm-{name}', backbone | head | SCM
    return f'tscam-{name}', backbone | head


def _as_here(name: str, weight: Tensor) -> Tensor:
    if name.startswith('neck.'):
        weight = weight.reshape(())  # (1,) in the released code
    if name.endswith('patch_embed.projection.weight') and weight.ndim == 2:
        side = math.isqrt(weight.shape[1] // 3)  # early timm: a linear layer
        weight = weight.reshape(-1, 3, side, side)
    half = weight.dtype in (torch.float16, torch.bfloat16)
    return weight.float() if half else weight


def _refuse_leftovers(weights: dict, conversion: Conversion) -> None:
    known = {*conversion.renamed, *conversion.dropped}
    left = [name for name in weights if name not in known]
    if left:
        raise ValueError(
            f'Expected only weights of a {conversion.kind} checkpoint, but '
            f'got {len(left)} more: {", ".join(left)}. Transformers of timm '
            'load without conversion through `mmscm.AttentionTIMM`.'
        )


def _listing(names: list[str]) -> str:
    return ', '.join(map(str, names[:5])) + (' ...' if len(names) > 5 else '')
