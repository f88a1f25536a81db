"""Benchmark results as JSON and as tables."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from .setting import Setting
from .timing import Row

TIME_HEADER = ('Case', 'Variant', 'ms', 'Fastest', 'Ratio', 'Quartiles')
# beyond this factor to the reference, 1 / ratio reads better
SPEEDUP_FROM = 3


def write_json(
    path: Path, what: str, setting: Setting, results: dict[str, list]
) -> None:
    """Everything that was measured, and on what.

    Args:
        path (Path): File to write.
        what (str): Name of the benchmark.
        setting (Setting): Its sizes.
        results (dict[str, list]): What it returned.
    """
    content = dict(
        what=what,
        setting=vars(setting),
        environment=environment(),
        results={
            key: [
                row._asdict() if isinstance(row, Row) else row for row in rows
            ]
            for key, rows in results.items()
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')


def environment() -> dict[str, Any]:
    """Versions, processor and threads."""
    return dict(
        python=platform.python_version(),
        torch=torch.__version__,
        processor=_processor(),
        capability=torch.backends.cpu.get_cpu_capability(),
        threads=torch.get_num_threads(),
    )


def tables(results: dict[str, list]) -> str:
    """Markdown tables of what was measured."""
    return '\n\n'.join(
        time_table(rows) if name == 'times' else plain_table(rows)
        for name, rows in results.items()
        if rows
    )


def time_table(rows: list[Row]) -> str:
    """Times in milliseconds and ratios to the first variant of a case."""
    lines = [
        (
            row.case,
            row.name,
            f'{row.seconds * 1e3:.1f}',
            f'{row.fastest * 1e3:.1f}',
            _ratio(row.ratio),
            f'{_ratio(row.low)} to {_ratio(row.high)}',
        )
        for row in rows
    ]
    return _markdown(TIME_HEADER, lines)


def plain_table(rows: list[dict]) -> str:
    """A table of dicts with the same keys."""
    lines = [[_cell(value) for value in row.values()] for row in rows]
    return _markdown(rows[0], lines)


def _markdown(header: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    header = list(header)
    everything = [header, ['---'] * len(header), *lines]
    return '\n'.join(f'| {" | ".join(line)} |' for line in everything)


def _ratio(value: float) -> str:
    if value * SPEEDUP_FROM < 1:
        return f'1/{1 / value:.1f}'
    return f'{value:.3f}'


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ', '.join(f'{key} {count}' for key, count in value.items())
    return f'{value:.6g}' if isinstance(value, float) else str(value)


def _processor() -> str:
    """Its name from the kernel, if there is one."""
    path = Path('/proc/cpuinfo')
    text = path.read_text(encoding='utf-8') if path.exists() else ''
    names = [
        line.split(':', 1)[1].strip()
        for line in text.splitlines()
        if line.startswith('model name')
    ]
    return names[0] if names else platform.processor()
