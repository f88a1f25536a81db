"""Thresholds that belong to a checkpoint, kept in its meta."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from mmscm.engine.atomic_files import replacing
from mmscm.engine.checkpoint import read_checkpoint

META_KEY = 'cam_thrs'
_SUFFIX = '_thr'  # what a metric's key of a threshold ends with


@dataclass(frozen=True)
class StoredThresholds:
    """The best thresholds of a checkpoint on the split they were chosen on.

    Attributes:
        split (str): 'val', or 'test' where the checkpoint was selected on
            the test set.
        cam_thrs (dict[str, float]): Threshold of each value, by its key
            (``wsol/gt_known``), fractions of the maximum of the map.
    """

    split: str
    cam_thrs: dict[str, float]

    @classmethod
    def from_metrics(
        cls, split: str, metrics: Mapping[str, float]
    ) -> StoredThresholds | None:
        """Those among metrics; None if there are not any."""
        cam_thrs = {
            key.removesuffix(_SUFFIX): float(value)
            for key, value in metrics.items()
            if key.endswith(_SUFFIX)
        }
        return cls(split, cam_thrs) if cam_thrs else None

    @property
    def gt_known(self) -> float | None:
        """Threshold of GT-Known, the value that one box an image is about."""
        return self.cam_thrs.get('wsol/gt_known')

    def write_to(self, checkpoint: dict) -> None:
        """Put them into the meta of a loaded checkpoint, in place."""
        checkpoint.setdefault('meta', {})[META_KEY] = asdict(self)


def stored_thresholds(
    checkpoint: str | Path | Mapping[str, Any],
) -> StoredThresholds | None:
    """Thresholds that training or ``tools/calibrate.py`` stored.

    Args:
        checkpoint (str | Path | Mapping): File or URL, or what was read
            from it.

    Returns:
        StoredThresholds | None: None where the checkpoint has not any.
    """
    if not isinstance(checkpoint, Mapping):
        checkpoint = read_checkpoint(checkpoint)
    stored = (checkpoint.get('meta') or {}).get(META_KEY)
    if stored is None:
        return None
    try:
        cam_thrs = {k: float(v) for k, v in stored['cam_thrs'].items()}
        return StoredThresholds(str(stored['split']), cam_thrs)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f'Expected `{META_KEY}` in the meta of the checkpoint to have '
            f'`split` and `cam_thrs`, but got {stored!r}.'
        ) from error


def store_thresholds(
    path: str | Path, thresholds: StoredThresholds, out: str | Path = ''
) -> None:
    """Add thresholds to a checkpoint file; all else in it stays.

    The file is replaced at once: one that is read or interrupted meanwhile
    is either the old or the new one.

    Args:
        path (str | Path): The checkpoint.
        thresholds (StoredThresholds): What to store.
        out (str | Path): Write here instead of replacing ``path``.
    """
    target = Path(out or path).expanduser().resolve()
    checkpoint = read_checkpoint(path)
    thresholds.write_to(checkpoint)
    content = io.BytesIO()  # torch hides why it cannot write to a file
    torch.save(checkpoint, content)
    with replacing(target) as file:
        file.write(content.getbuffer())
        shutil.copymode(Path(path).expanduser(), file.name)
