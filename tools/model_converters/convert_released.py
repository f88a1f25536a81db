#!/usr/bin/env python
"""Convert a released checkpoint: convert_released.py SRC DST.

SRC is a checkpoint of the released SCM or TS-CAM (DeiT, ViT, Conformer) or a
plain classification ViT in timm's names; the kind is detected. DST is for
tools/test.py, or for `load_from` and `init_cfg` of a config.
"""

from __future__ import annotations

import argparse

from mmscm.engine.converters import Conversion, convert_file


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('source', metavar='SRC', help='released checkpoint')
    parser.add_argument('target', metavar='DST', help='file to write')
    return parser.parse_args()


def report(conversion: Conversion) -> None:
    """Print every name with what it became."""
    width = max(map(len, conversion.renamed))
    for name, new in conversion.renamed.items():
        shape = tuple(conversion.state_dict[new].shape)
        print(f'{name:{width}} -> {new} {shape}')
    for name in conversion.dropped:
        print(f'{name:{width}} -> dropped, a linear head cannot localize')
    print(f'{conversion.kind}: {len(conversion.renamed)} weights')


def main() -> None:
    args = parse_args()
    report(convert_file(args.source, args.target))
    print(f'written to {args.target}')


if __name__ == '__main__':
    main()
