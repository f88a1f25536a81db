"""A tested work directory: its record, its images, its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmscm.apis.results.epoch_curves import epoch_curves
from mmscm.apis.results.image_records import RunImages, read_records
from mmscm.apis.results.test_record import FILE_NAME, TestRecord
from mmscm.evaluation.breakdown import Group, break_down

KEY = 'wsol/gt_known'  # whose threshold the boxes of a report have


@dataclass
class Curves:
    """What is drawn of a run over thresholds and epochs.

    Attributes:
        name (str): Short and unlike those of the other runs.
        record (TestRecord | None): Values, rows and curves of its test.
        epochs (dict[str, dict[int, float]]): See :func:`epoch_curves`.
    """

    name: str
    record: TestRecord | None
    epochs: dict[str, dict[int, float]]

    def over_thresholds(
        self, key: str
    ) -> tuple[list[float], list[float]] | None:
        """Thresholds and percent of a value, if it was tested on a grid."""
        curve = self.record.curves.get(key) if self.record else None
        return (curve['cam_thrs'], curve['percent']) if curve else None


@dataclass
class Run(Curves):
    """One test with all that a report shows of it.

    Attributes:
        record (TestRecord): As there, and never None.
        images (RunImages): Every image at the threshold.
        origin (str): Where the threshold is from, 'val' or 'oracle'.
    """

    record: TestRecord
    images: RunImages
    origin: str

    def by_size(self) -> list[Group]:
        """Results by size of the object, small ones first."""
        return self._groups([i.size_group for i in self.images.images])

    def by_class(self) -> list[Group]:
        """Results by true class."""
        names = [self.images.class_name(i.label) for i in self.images.images]
        return self._groups(names)

    def overall(self) -> Group:
        """Results of all images."""
        return self._groups([self.name] * len(self.images.images))[0]

    def _groups(self, names: list[str]) -> list[Group]:
        images = self.images.images
        ious = [image.iou for image in images]
        return break_down(names, ious, [image.error for image in images])


def read_runs(work_dirs: Sequence[str | Path]) -> list[Run]:
    """Read work directories of ``tools/test.py``.

    Args:
        work_dirs (Sequence[str | Path]): At least one.

    Returns:
        list[Run]: In the same order.
    """
    names = _short_names([Path(folder).resolve() for folder in work_dirs])
    runs = []
    for name, folder in zip(names, work_dirs, strict=True):
        record = TestRecord.read(folder)
        cam_thr, origin = run_threshold(record)
        images = read_records(folder, cam_thr)
        epochs = epoch_curves(folder)
        runs.append(Run(name, record, epochs, images, origin))
    return runs


def read_curves(work_dirs: Sequence[str | Path]) -> list[Curves]:
    """Read work directories that were trained, tested, or both."""
    names = _short_names([Path(folder).resolve() for folder in work_dirs])
    return [
        Curves(
            name,
            TestRecord.read(folder)
            if Path(folder, FILE_NAME).is_file()
            else None,
            epoch_curves(folder),
        )
        for name, folder in zip(names, work_dirs, strict=True)
    ]


def run_threshold(record: TestRecord) -> tuple[float, str]:
    """Threshold of GT-Known and its origin: the stored one if there is one.

    Returns:
        tuple[float, str]: Fraction of the maximum, and 'val' or 'oracle'.
    """
    stored = record.stored or {}
    if KEY in stored.get('cam_thrs', {}):
        origin = 'oracle' if stored['split'] == 'test' else stored['split']
        return stored['cam_thrs'][KEY], origin
    if f'{KEY}_thr' not in record.metrics:
        raise ValueError(
            f'Expected `{KEY}` among the metrics of the test of '
            f'{record.checkpoint}, but got {sorted(record.metrics)}. Its '
            'threshold is that of the boxes.'
        )
    return record.metrics[f'{KEY}_thr'], 'oracle'


def _short_names(folders: Sequence[Path]) -> list[str]:
    """As many last parts of the paths as tell them apart, at least two."""
    longest = max(len(folder.parts) for folder in folders)
    for count in range(2, longest + 1):
        names = ['/'.join(folder.parts[-count:]) for folder in folders]
        if len(set(names)) == len(names):
            return names
    raise ValueError(
        f'Expected different work directories, but got {folders}.'
    )
