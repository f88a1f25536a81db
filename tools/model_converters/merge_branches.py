#!/usr/bin/env python
"""Join both branches of TriLite: merge_branches.py LOCALIZER CLASSIFIER OUT.

The classifier of one checkpoint replaces that of the other; nothing else of
it counts. Both are of one training: the best GT-Known and the best Top-1 Cls
on the val split.
"""

from __future__ import annotations

import torch

from mmscm.engine.checkpoint import read_checkpoint
from mmscm.options import make_parser

CLASSIFIER = 'head.class_fc.'


def merge(localizer: dict, classifier: dict) -> dict:
    """The first state dict with the classifier of the second."""
    taken = {k: v for k, v in classifier.items() if k.startswith(CLASSIFIER)}
    shapes = {key: value.shape for key, value in taken.items()}
    known = {k: v.shape for k, v in localizer.items() if k in taken}
    if not taken or shapes != known:
        raise ValueError(
            f'Expected {CLASSIFIER}* of equal shapes in both checkpoints, '
            f'but got {known} and {shapes}.'
        )
    return localizer | taken


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument('localizer', help='checkpoint of the best GT-Known')
    parser.add_argument('classifier', help='checkpoint of the best Top-1 Cls')
    parser.add_argument('out', help='checkpoint to write')
    args = parser.parse_args()
    first, second = map(read_checkpoint, (args.localizer, args.classifier))
    merged = merge(first['state_dict'], second['state_dict'])
    torch.save(dict(meta=first.get('meta', {}), state_dict=merged), args.out)
    print(args.out)


if __name__ == '__main__':
    main()
