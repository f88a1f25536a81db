#!/usr/bin/env python
"""Write the tables of the model zoo from the metafiles: tools/model_zoo.py.

docs/model_zoo.md and the README of each algorithm have blocks between
`<!-- begin NAME -->` and `<!-- end NAME -->` that this fills in.
"""

from __future__ import annotations

import argparse

from mmscm.apis.zoo.metafiles import measure, metafiles
from mmscm.apis.zoo.pages import filled, pages


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        '--measure',
        action='store_true',
        help='first write FLOPs, parameters and settings of every config\n'
        'into its metafile; takes minutes',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    for path in metafiles() if args.measure else ():
        measure(path)
    for page, blocks in pages().items():
        page.write_text(filled(page, blocks))


if __name__ == '__main__':
    main()
