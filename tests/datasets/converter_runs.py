"""A converter with its command line, in this process."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / 'tools/dataset_converters'


def run_converter(monkeypatch, name: str, *arguments: str | Path) -> None:
    """``python tools/dataset_converters/NAME.py ARGUMENTS``."""
    path = str(FOLDER / f'{name}.py')
    monkeypatch.setattr(sys, 'argv', [path, *map(str, arguments)])
    runpy.run_path(path, run_name='__main__')
