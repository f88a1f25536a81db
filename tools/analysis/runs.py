"""Read work directories: the record of a test, its images, the training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmscm.apis.image_rows import ImageRow, read_image_rows
from mmscm.apis.results import FILE_NAME, TestRecord
from mmscm.apis.training_log import epoch_curves
from mmscm.evaluation.top1_errors import ERRORS


@dataclass
class Group:
    """Images of a test that are shown together.

    Attributes:
        name (str): What they have in common.
        images (list[ImageRow]): One or more.
    """

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
        epochs (dict[str, dict[int, float]]): See :func:`epoch_curves`.
    """

    name: str
    folder: Path
    record: TestRecord | None
    images: list[ImageRow]
    epochs: dict[str, dict[int, float]]

    def over_thresholds(
        self, key: str
    ) -> tuple[list[float], list[float]] | None:
        """Thresholds and percent of a value, if it was tested on a grid."""
        curve = self.record.curves.get(key) if self.record else None
        return (curve['cam_thrs'], curve['percent']) if curve else None

    def overall(self) -> Group:
        """All images."""
        return Group(self.name, self.images)

    def by_size(self) -> list[Group]:
        """Images by size of the object, small ones first."""
        return _groups(self.images, lambda image: image.size_group)

    def by_class(self) -> list[Group]:
        """Images by name of the true class."""
        return _groups(self.images, lambda image: image.class_name)


def read_tested(work_dirs: Sequence[str | Path]) -> list[Run]:
    """Read work directories of ``tools/test.py``, with their images."""
    return [
        Run(
            name,
            Path(folder),
            TestRecord.read(folder),
            read_image_rows(folder),
            epoch_curves(folder),
        )
        for name, folder in _named(work_dirs).items()
    ]


def read_curves(work_dirs: Sequence[str | Path]) -> list[Run]:
    """Read work directories that were trained, tested, or both."""
    runs = []
    for name, folder in _named(work_dirs).items():
        tested = Path(folder, FILE_NAME).is_file()
        record = TestRecord.read(folder) if tested else None
        runs.append(Run(name, Path(folder), record, [], epoch_curves(folder)))
    return runs


def _groups(
    images: Sequence[ImageRow], name_of: Callable[[ImageRow], str]
) -> list[Group]:
    members: dict[str, list[ImageRow]] = {}
    for image in images:
        members.setdefault(name_of(image), []).append(image)
    return [Group(name, members[name]) for name in sorted(members)]


def _named(folders: Sequence[str | Path]) -> dict[str, str | Path]:
    """Folders by the shortest ends of their paths, two parts or more, that
    are unique.
    """
    parts = [Path(folder).resolve().parts for folder in folders]
    for count in range(2, max(map(len, parts)) + 1):
        names = ['/'.join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            return dict(zip(names, folders, strict=True))
    raise ValueError(
        f'Expected different work directories, but got {folders}.'
    )
