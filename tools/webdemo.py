#!/usr/bin/env python
"""Serve a page to try models: python tools/webdemo.py CONFIG [CHECKPOINT].

Needs gradio: pip install 'mmscm[demo]'. It listens on this machine only,
unless --host says otherwise.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from mmscm.options import make_parser


def list_examples(photos: str | None) -> list[str]:
    """Paths of the images to click."""
    from demo import photographs

    from mmscm.apis.photos import find_photos

    if photos is None:
        return [str(path) for path in photographs()]
    return [str(Path(p.source).resolve()) for p in find_photos(photos)]


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument('config', help='config file or its name')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='file or URL (default: what the config loads)',
    )
    parser.add_argument(
        '--model',
        nargs=3,
        action='append',
        default=[],
        metavar=('TITLE', 'CONFIG', 'CHECKPOINT'),
        help='another one to pick; may be repeated',
    )
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument(
        '--max-mb', type=int, default=10, help='limit of an upload'
    )
    parser.add_argument(
        '--examples',
        metavar='PHOTOS',
        help='image or folder to click from (default: photographs of\n'
        "scikit-image, pip install 'mmscm[photos]')",
    )
    args = parser.parse_args()
    if find_spec('gradio') is None:
        sys.exit(
            'Expected gradio, but it is not installed: '
            "pip install 'mmscm[demo]'"
        )
    os.environ.setdefault('GRADIO_ANALYTICS_ENABLED', 'False')
    from webdemo_page import launch
    from webdemo_views import Models

    title = Path(args.config).stem
    if args.checkpoint:
        title += f': {Path(args.checkpoint).name}'
    sources = {title: (args.config, args.checkpoint)}
    for other, config, checkpoint in args.model:
        sources[other] = (config, checkpoint)
    models = Models(sources, args.device)
    examples = list_examples(args.examples)
    launch(models, args.host, args.port, args.max_mb, examples=examples)


if __name__ == '__main__':
    main()
