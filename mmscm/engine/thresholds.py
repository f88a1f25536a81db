"""Keep the thresholds of a checkpoint in its meta and on the model."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.evaluator import BaseMetric
from torch import nn

from mmscm.weights import bare

from .checkpoint import read_checkpoint, replacing

META_KEY = 'cam_thrs'


@dataclass(frozen=True)
class StoredThresholds:
    """The best thresholds of a checkpoint on the split they were chosen on.

    Attributes:
        split (str): 'val', or 'test' where the checkpoint was selected on
            the test set.
        cam_thrs (dict[str, float | None]): Threshold of each value, by its
            key (``wsol/gt_known``), fractions of the maximum of the map.
            None if no box of the split was good at any threshold.
    """

    split: str
    cam_thrs: dict[str, float | None]

    @classmethod
    def from_metrics(
        cls, split: str, metrics: Iterable[BaseMetric]
    ) -> StoredThresholds | None:
        """Thresholds of metrics just evaluated on a split, if any.

        Those with ``scores``, a list of :class:`mmscm.evaluation.Score`, are
        read. Only the main process has them.
        """
        cam_thrs = {
            score.key: score.chosen_thr
            for metric in metrics
            for score in getattr(metric, 'scores', [])
            if score.cam_thr is not None
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
    checkpoint: Mapping[str, Any],
) -> StoredThresholds | None:
    """Thresholds in what was read from a checkpoint, None if it has none."""
    stored = (checkpoint.get('meta') or {}).get(META_KEY)
    if stored is None:
        return None
    try:
        cam_thrs = {
            key: None if thr is None else float(thr)
            for key, thr in stored['cam_thrs'].items()
        }
        return StoredThresholds(str(stored['split']), cam_thrs)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f'Expected `{META_KEY}` in the meta of the checkpoint to have '
            f'`split` and `cam_thrs`, but got {stored!r}.'
        ) from error


def set_thresholds(model: nn.Module, checkpoint: Mapping[str, Any]) -> None:
    """Give a model the thresholds of the checkpoint that it is filled from."""
    bare(model)._stored_thresholds = stored_thresholds(checkpoint)


def thresholds_of(model: nn.Module) -> StoredThresholds | None:
    """Thresholds of the checkpoint that filled a model, None if it has none.

    Training or ``tools/calibrate.py`` stored them.
    """
    return getattr(bare(model), '_stored_thresholds', None)


def store_thresholds(
    path: str | Path, thresholds: StoredThresholds, out: str | Path = ''
) -> None:
    """Add thresholds to a checkpoint file; all else in it stays.

    The file, or ``out`` if it is given, is replaced at once: one that is read
    or interrupted meanwhile is either the old or the new one.
    """
    target = Path(out or path).expanduser().resolve()
    checkpoint = read_checkpoint(path)
    thresholds.write_to(checkpoint)
    content = io.BytesIO()  # torch hides why it cannot write to a file
    torch.save(checkpoint, content)
    with replacing(target) as file:
        file.write(content.getbuffer())
        shutil.copymode(Path(path).expanduser(), file.name)
