"""The checkpoint that an interrupted training goes on from."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from mmengine.logging import print_log

from mmscm.engine.checkpoint import load_from_local

POINTER = 'last_checkpoint'  # written by the host's CheckpointHook
# neither best_*.pth nor published ones: both lack the optimizer
NAME = re.compile(r'(epoch|iter)_\d+\.pth')


def latest_checkpoint(work_dir: str | Path) -> str | None:
    """The latest checkpoint that can be read.

    Args:
        work_dir (str | Path): Of the interrupted training.

    Returns:
        str | None: Its path; None where there is no checkpoint at all.

    Raises:
        RuntimeError: There are checkpoints, and none can be read.
    """
    damaged = []
    for path in _candidates(Path(work_dir)):
        try:
            # checks the file without keeping its tensors
            load_from_local(str(path), map_location='meta')
        except RuntimeError as error:
            damaged.append(path.name)
            _warn(f'{error} Trying the checkpoint before it.')
        else:
            return str(path)
    if damaged:
        raise RuntimeError(
            f'Expected a checkpoint in {work_dir} to resume from, but got '
            f'damaged ones only: {", ".join(damaged)}. Remove them to start '
            'from the beginning.'
        )
    return None


def _candidates(work_dir: Path) -> list[Path]:
    """The one that the host calls the last, then others, newest first."""
    pointer = work_dir / POINTER
    named = pointer.read_text(errors='replace') if pointer.is_file() else ''
    elsewhere = Path(named.strip())
    last, found = work_dir / elsewhere.name, _newest_first(work_dir)
    # a hook with its own `out_dir` writes elsewhere; a work dir that was
    # copied has its checkpoints beside the pointer
    if not (last.is_file() or found) and elsewhere.is_file():
        last, found = elsewhere, _newest_first(elsewhere.parent)
    first = [last] if last.is_file() else []
    if named and not first:
        _warn(
            f'Expected {pointer} to name a checkpoint, but got '
            f'"{elsewhere}": no such file here. Looking for others.'
        )
    return [*first, *(path for path in found if path not in first)]


def _newest_first(folder: Path) -> list[Path]:
    found = [p for p in folder.glob('*.pth') if NAME.fullmatch(p.name)]
    return sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)


def _warn(message: str) -> None:
    print_log(message, logger='current', level=logging.WARNING)
