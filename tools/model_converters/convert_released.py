#!/usr/bin/env python
"""Convert a released checkpoint: convert_released.py SRC DST.

SRC is a checkpoint of the released SCM or TS-CAM (DeiT, ViT, Conformer), a
plain classification ViT in timm's names, wsolevaluation's CAM, ACoL, SPG or
ADL, BGC, BAS, or torchvision's VGG16, ResNet-50 or Inception v3; the kind is
detected. DST is for tools/test.py, or for `load_from` and `init_cfg` of a
config.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch
from cnn_names import cnn_rules
from torch import Tensor
from weight_names import (
    CONFORMER,
    CONFORMER_HEAD,
    LINEAR_HEADS,
    NOTHING,
    SCM,
    VIT,
    VIT_HEAD,
    rename,
)

from mmscm.engine.checkpoint import read_checkpoint
from mmscm.options import make_parser
from mmscm.version import __version__
from mmscm.weights import weights_of


@dataclass
class Conversion:
    """What became of the weights of a checkpoint.

    Attributes:
        kind (str): Method and network: 'scm', 'tscam' or 'classifier' with
            'vit' or 'conformer'; 'cam', 'acol', 'spg', 'bgc' or 'bas' with
            'vgg', 'resnet' or 'inception'.
        state_dict (dict[str, Tensor]): Weights under the names used here.
        renamed (dict[str, str]): Name in the file -> name here.
        dropped (list[str]): Names in the file that localization has no use
            for, such as the linear heads of a transformer.
    """

    kind: str
    state_dict: dict[str, Tensor] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def convert_file(source: str | Path, target: str | Path) -> Conversion:
    """Read a checkpoint without running its code and write the converted."""
    source, target = Path(source), Path(target)
    if source.resolve() == target.resolve():
        raise ValueError(
            f'Expected a target that is not the source, but got {target} '
            'for both.'
        )
    conversion = convert_state_dict(read_checkpoint(source))
    meta = dict(
        mmscm_version=__version__,
        converted_from=source.name,
        kind=conversion.kind,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=meta, state_dict=conversion.state_dict), target)
    return conversion


def convert_state_dict(checkpoint: dict) -> Conversion:
    """Detect what a checkpoint is and rename or drop all of its weights.

    Args:
        checkpoint (dict): In a layout of :func:`mmscm.weights.weights_of`.

    Raises:
        ValueError: The kind is not known, or names are left over.
    """
    weights = weights_of(checkpoint)
    kind, rules, unused = detect(weights)
    done = Conversion(kind)
    left = []
    for name, weight in weights.items():
        if new := rename(name, rules):
            done.renamed[name] = new
            done.state_dict[new] = as_here(new, weight)
        elif re.fullmatch(unused, name):
            done.dropped.append(name)
        else:
            left.append(name)
    if left:
        raise ValueError(
            f'Expected only weights of a {kind} checkpoint, but got '
            f'{len(left)} more: {", ".join(left)}. Transformers of timm load '
            'without conversion through `mmscm.AttentionTIMM`.'
        )
    return done


def detect(weights: dict[str, Tensor]) -> tuple[str, dict[str, str], str]:
    """The kind of checkpoint, its rules and the names to drop."""
    if found := cnn_rules(list(weights)):
        return found
    if 'cls_token' not in weights:
        raise ValueError(
            'Expected the weights of a transformer in the names of the '
            'released code or of timm, with `cls_token`, or of VGG16, '
            'ResNet-50 or Inception v3 in those of torchvision, but got '
            f'{", ".join(list(weights)[:5])} ... Checkpoints of mmengine need '
            'no conversion: load them through `load_from` or `init_cfg`.'
        )
    if 'trans_patch_conv.weight' in weights:
        name, backbone, head = 'conformer', CONFORMER, CONFORMER_HEAD
        scores = weights.get('trans_cls_head.weight')
    else:
        name, backbone, head = 'vit', VIT, VIT_HEAD
        scores = weights.get('head.weight')
    if scores is None or scores.ndim != 4:
        return f'classifier-{name}', backbone, LINEAR_HEADS
    if any(key.startswith('layers.') for key in weights):
        return f'scm-{name}', backbone | head | SCM, NOTHING
    return f'tscam-{name}', backbone | head, NOTHING


def as_here(name: str, weight: Tensor) -> Tensor:
    """A weight in the shape and precision that it has here."""
    if name.startswith('neck.'):
        weight = weight.reshape(())  # (1,) in the released code
    if name.endswith('patch_embed.projection.weight') and weight.ndim == 2:
        side = math.isqrt(weight.shape[1] // 3)  # early timm: a linear layer
        weight = weight.reshape(-1, 3, side, side)
    if name == 'head.conv.weight' and weight.ndim == 2:
        weight = weight[..., None, None]  # linear layer behind the pooling
    half = weight.dtype in (torch.float16, torch.bfloat16)
    return weight.float() if half else weight


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument('source', metavar='SRC', help='released checkpoint')
    parser.add_argument('target', metavar='DST', help='file to write')
    args = parser.parse_args()
    done = convert_file(args.source, args.target)
    width = max(map(len, done.renamed))
    for name, new in done.renamed.items():
        print(f'{name:{width}} -> {new} {tuple(done.state_dict[new].shape)}')
    for name in done.dropped:
        print(f'{name:{width}} -> dropped, not used here')
    print(f'{done.kind}: {len(done.renamed)} weights')
    print(f'written to {args.target}')


if __name__ == '__main__':
    main()
