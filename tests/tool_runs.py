"""Run a program of tools/ in this process."""

import runpy
import sys
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]


def run_tool(path: str | Path, *args: object) -> dict:
    """As ``python tools/PATH ARGUMENTS``; what the program has defined."""
    program = str(ROOT / 'tools' / path)
    with mock.patch.object(sys, 'argv', [program, *map(str, args)]):
        return runpy.run_path(program, run_name='__main__')
