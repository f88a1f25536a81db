"""Read the validations of a training from its logs."""

from __future__ import annotations

import json
from pathlib import Path


def epoch_curves(work_dir: str | Path) -> dict[str, dict[int, float]]:
    """Values of every validation of a training.

    A run that was resumed goes on where the log before it ended; one that
    was started again replaces it.

    Args:
        work_dir (str | Path): Holds ``<time>/vis_data/scalars.json``.

    Returns:
        dict[str, dict[int, float]]: By key (``wsol/gt_known``), value by
        epoch; empty where nothing was validated.
    """
    curves: dict[int, dict[str, float]] = {}
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        log = _validations(path)
        if log:
            first = min(log)
            curves = {e: row for e, row in curves.items() if e < first} | log
    keys = dict.fromkeys(key for row in curves.values() for key in row)
    return {
        key: {e: row[key] for e, row in curves.items() if key in row}
        for key in keys
    }


def _validations(path: Path) -> dict[int, dict[str, float]]:
    """Rows of a log that have metrics of this project, by epoch."""
    found = {}
    for line in path.read_text(encoding='utf-8').splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue  # the last line of a run that was killed
        values = {k: v for k, v in row.items() if k.startswith('wsol')}
        if values and 'step' in row:
            found[int(row['step'])] = values
    return found
