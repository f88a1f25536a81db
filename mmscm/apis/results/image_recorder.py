"""Store what a report shows of every image, while a test runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dist import barrier, get_rank, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.runner import Runner

from mmscm.evaluation.metrics.box_metric import BoxMetric
from mmscm.evaluation.protocols import WSOLEVAL
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.scoring import found_boxes, score_map_from

FOLDER = 'analysis'
_CHUNK = 512  # images a file
_SIDE = 160  # pixels of a stored picture
# The grid of the metrics, so that boxes are found once for all.
CAM_THRS = np.arange(0, 1, 0.01)


class ImageRecorder(BaseMetric):
    """Write boxes of all thresholds, classes and pictures of every image.

    Holds a chunk of images at a time. The files have arrays only, no
    pickles: see :func:`mmscm.apis.results.image_records.read_records`.

    Args:
        work_dir (str | Path): ``analysis/`` below it is replaced.
        num_images (int): Size of the set.
        classes (Sequence[str], optional): Names of the classes.
        max_pictures (int): Pictures are kept of so many images at most,
            spread over the set.
    """

    def __init__(
        self,
        work_dir: str | Path,
        num_images: int,
        classes: Sequence[str] | None = None,
        max_pictures: int = 6000,
    ) -> None:
        super().__init__()
        self.folder = Path(work_dir, FOLDER)
        self.stride = -(-num_images // max_pictures)  # rounded up
        self.rows: list[dict[str, Any]] = []
        self.seen = self.chunks = 0
        if is_main_process():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            about = dict(
                cam_thrs=CAM_THRS.round(10).tolist(),
                classes=list(classes or []),
            )
            (self.folder / 'about.json').write_text(json.dumps(about))
        barrier()

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Record a batch; see ``BaseMetric``."""
        inputs = data_batch['inputs']
        for image, data in zip(inputs, data_samples, strict=True):
            pictured = self.seen % self.stride == 0
            self.rows.append(_record(image, data, self.seen, pictured))
            self.seen += 1
            if len(self.rows) == _CHUNK:
                self.flush()

    def flush(self) -> None:
        """Write what is held as one file."""
        if not self.rows:
            return
        name = f'part_{get_rank():03d}_{self.chunks:05d}.npz'
        np.savez_compressed(self.folder / name, **_stacked(self.rows))
        self.rows, self.chunks = [], self.chunks + 1

    def evaluate(self, size: int) -> dict:
        """Write the rest; there are no values."""
        self.flush()
        barrier()
        return {}

    def compute_metrics(self, results: list) -> dict:
        """Never called; ``BaseMetric`` asks for it."""
        return {}


def record_images(runner: Runner) -> None:
    """Store every image of the coming test, if boxes are scored in it."""
    metrics = runner.test_evaluator.metrics
    if not any(isinstance(metric, BoxMetric) for metric in metrics):
        return
    dataset = runner.test_dataloader.dataset
    classes = dataset.metainfo.get('classes')
    metrics.append(ImageRecorder(runner.work_dir, len(dataset), classes))


def _record(
    image: torch.Tensor, data: dict, number: int, pictured: bool
) -> dict[str, Any]:
    sample = SampleView(data)
    label = sample.gt_label
    top5 = np.full(5, -1, np.int32)
    ranking = sample.ranking[:5]
    top5[: len(ranking)] = ranking
    index = data.get('sample_idx')
    index = number if index is None else int(index)
    return dict(
        index=index,
        name=str(data.get('img_path') or f'image {index}'),
        label=label,
        top5=top5,
        size=np.array(sample.img_shape, np.uint16),
        boxes=found_boxes(sample, label, WSOLEVAL, CAM_THRS).astype(np.uint16),
        true_boxes=sample.gt_bboxes.astype(np.float32),
        picture=_picture(image) if pictured else b'',
        map=_grey_map(sample, label) if pictured else b'',
    )


def _picture(image: torch.Tensor) -> bytes:
    """A network input (3, H, W), uint8 BGR, as a small JPEG."""
    if image.dtype != torch.uint8:
        return b''
    pixels = np.ascontiguousarray(image.permute(1, 2, 0).cpu().numpy())
    factor = min(1, _SIDE / max(pixels.shape[:2]))
    pixels = cv2.resize(
        pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA
    )
    return cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])[
        1
    ].tobytes()


def _grey_map(sample: SampleView, label: int) -> bytes:
    """A localization map at patch resolution as a grey PNG."""
    patch_map = sample.patch_map(label)
    scores = score_map_from(patch_map, patch_map.shape, 'bilinear')
    grey = (scores * 255).astype(np.uint8)
    return cv2.imencode('.png', grey)[1].tobytes()


def _stacked(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as arrays; those of changing length are joined, with lengths."""
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    arrays = {}
    for key in ('picture', 'map'):
        blobs = columns.pop(key)
        arrays[f'{key}_bytes'] = np.frombuffer(b''.join(blobs), np.uint8)
        arrays[f'{key}_lengths'] = np.array([len(blob) for blob in blobs])
    true_boxes = columns.pop('true_boxes')
    arrays['true_boxes'] = np.concatenate(true_boxes)
    arrays['true_lengths'] = np.array([len(boxes) for boxes in true_boxes])
    return arrays | {key: np.array(rows) for key, rows in columns.items()}
