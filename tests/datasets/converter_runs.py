"""A converter with its command line, in this process."""

import importlib
import sys
from pathlib import Path

from _files import run

FOLDER = Path(__file__).parents[2] / 'tools/dataset_converters'


def run_converter(monkeypatch, name: str, *arguments: str | Path) -> None:
    """``python tools/dataset_converters/NAME.py ARGUMENTS``."""
    converter = importlib.import_module(name)
    monkeypatch.setattr(sys, 'argv', [name, *map(str, arguments)])
    run(converter.convert, converter.make_parser())
