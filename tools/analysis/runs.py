"""Read work directories: the record of a test, its images, the training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from image_rows import ImageRow, read_image_rows

from mmscm.apis.results import FILE_NAME, TestRecord
from mmscm.evaluation.top1_errors import ERRORS

Curves = dict[str, dict[int, float]]  # by key and epoch


@dataclass
class Group:
    """Images of a test that have something in common: its name."""

    name: str
    images: list[ImageRow]

    @property
    def gt_known(self) -> float:
        """Share with an IoU of 0.5 or more, percent."""
        return 100 * float(np.mean([i.iou >= 0.5 for i in self.images]))

    @property
    def mean_iou(self) -> float:
        """Mean IoU of the box, in [0, 1]."""
        return float(np.mean([image.iou for image in self.images]))

    @property
    def errors(self) -> dict[str, float]:
        """Share of every error of Top-1, percent; see ``top1_error``."""
        found = np.array([image.error for image in self.images])
        return {e: 100 * float((found == e).mean()) for e in ERRORS}


@dataclass
class Run:
    """What a work directory holds.

    Attributes:
        name (str): Short and unlike those of the other runs.
        folder (Path): The work directory.
        record (TestRecord | None): Of its test.
        images (list[ImageRow]): Every image of the test.
        epochs (Curves): See :func:`epoch_curves`.
    """

    name: str
    folder: Path
    record: TestRecord | None
    images: list[ImageRow]
    epochs: Curves

    def over_thresholds(
        self, key: str
    ) -> tuple[list[float], list[float]] | None:
        """Thresholds and percent of a value, if it was tested on a grid."""
        curve = self.record.curves.get(key) if self.record else None
        return (curve['cam_thrs'], curve['percent']) if curve else None

    def overall(self) -> Group:
        """All images."""
        return Group(self.name, self.images)

    def by(self, field: str) -> list[Group]:
        """Images by 'size_group', small objects first, or 'class_name'."""
        members: dict[str, list[ImageRow]] = {}
        for image in self.images:
            members.setdefault(getattr(image, field), []).append(image)
        return [Group(name, members[name]) for name in sorted(members)]


def read_tested(work_dirs: Sequence[str | Path]) -> list[Run]:
    """Read work directories of ``tools/test.py``, with their images."""
    runs = read_curves(work_dirs)
    for run in runs:
        run.record = run.record or TestRecord.read(run.folder)
        run.images = read_image_rows(run.folder)
    return runs


def read_curves(work_dirs: Sequence[str | Path]) -> list[Run]:
    """Read work directories that were trained, tested, or both."""
    runs = []
    for name, folder in _named(list(map(Path, work_dirs))).items():
        tested = Path(folder, FILE_NAME).is_file()
        record = TestRecord.read(folder) if tested else None
        runs.append(Run(name, folder, record, [], epoch_curves(folder)))
    return runs


def epoch_curves(work_dir: str | Path) -> Curves:
    """Values of every validation of a training, by key (``wsol/gt_known``)."""
    curves: Curves = {}
    for epoch, row in logged(work_dir, 'wsol').items():
        for key, value in row.items():
            curves.setdefault(key, {})[epoch] = value
    return curves


def logged(work_dir: str | Path, prefix: str) -> dict[int, dict[str, float]]:
    """Rows of the logs of a training that have values with a prefix.

    A run that was resumed goes on where the log before it ended; one that
    was started again replaces it.

    Args:
        work_dir (str | Path): Holds ``<time>/vis_data/scalars.json``.
        prefix (str): Of the names of values; others are left out.

    Returns:
        dict[int, dict[str, float]]: By iteration, or epoch of a validation.
    """
    joined: dict[int, dict[str, float]] = {}
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        log = {}
        for line in path.read_text(encoding='utf-8').splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue  # the last line of a run that was killed
            values = {k: v for k, v in row.items() if k.startswith(prefix)}
            if values and 'step' in row:
                log[int(row['step'])] = values
        if log:
            first = min(log)
            joined = {s: row for s, row in joined.items() if s < first} | log
    return joined


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by the shortest ends of their paths, two parts or more, that
    are unique.
    """
    parts = [folder.resolve().parts for folder in folders]
    for count in range(2, max(map(len, parts)) + 1):
        names = ['/'.join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            return dict(zip(names, folders, strict=True))
    raise ValueError(
        f'Expected different work directories, but got {folders}.'
    )
