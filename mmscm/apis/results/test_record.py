"""What a test leaves on disk: values, rows, curves, and of what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mmengine.evaluator import BaseMetric

from mmscm.apis.results.rows import Row, Score

FILE_NAME = 'test_metrics.json'


@dataclass
class TestRecord:
    """Results of one test.

    Attributes:
        config (str): Config file.
        checkpoint (str): What was tested.
        metrics (dict[str, float]): Every value by key.
        rows (list[Row]): See :func:`~mmscm.apis.results.rows.result_rows`.
        curves (dict[str, dict]): By key, ``cam_thrs`` (fractions) and
            ``percent`` of values that have a grid of thresholds.
        stored (dict | None): Thresholds of the checkpoint, ``split`` and
            ``cam_thrs``.
    """

    __test__ = False  # no test case of pytest

    config: str
    checkpoint: str
    metrics: dict[str, float]
    rows: list[Row] = field(default_factory=list)
    curves: dict[str, dict] = field(default_factory=dict)
    stored: dict[str, Any] | None = None

    def write(self, path: str | Path) -> None:
        """Write as JSON; the folder is made."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + '\n')

    @classmethod
    def read(cls, work_dir: str | Path) -> TestRecord:
        """The record of the last test in a work directory."""
        path = Path(work_dir, FILE_NAME)
        if not path.is_file():
            raise FileNotFoundError(
                f'Expected the record of a test at {path}, but there is '
                'none. tools/test.py CONFIG CHECKPOINT --work-dir '
                f'{work_dir} writes it.'
            )
        record = json.loads(path.read_text())
        known = {key: record[key] for key in _KEYS if key in record}
        known['rows'] = [_row(row) for row in known.get('rows', [])]
        return cls(**known)

    def unshown(self) -> dict[str, float]:
        """Values that no row has, thresholds of rows left out."""
        shown = {s.key for row in self.rows for s in row.scores.values()}
        shown |= {f'{key}_thr' for key in shown}
        return {k: v for k, v in self.metrics.items() if k not in shown}


_KEYS = ('config', 'checkpoint', 'metrics', 'rows', 'curves', 'stored')


def curves_of(metrics: Iterable[BaseMetric]) -> dict[str, dict]:
    """Accuracy over threshold by key, of metrics that have a grid."""
    curves = {}
    for metric in metrics:
        for name, curve in getattr(metric, 'curves', {}).items():
            if len(curve) > 1:
                curves[f'{metric.prefix}/{name}'] = {
                    'cam_thrs': _rounded(metric.cam_thrs),
                    'percent': _rounded(curve),
                }
    return curves


def _rounded(numbers: Sequence[float]) -> list[float]:
    return [round(float(number), 10) for number in numbers]


def _row(record: Mapping[str, Any]) -> Row:
    scores = {k: Score(**score) for k, score in record['scores'].items()}
    return Row(record['protocol'], record['origin'], scores)
