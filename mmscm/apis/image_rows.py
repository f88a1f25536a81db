"""Write what a report shows of every image of a test: a row and a picture."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dist import barrier, is_main_process
from mmengine.evaluator import BaseMetric

from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation.protocols import WSOLEVAL
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.score import ORACLE
from mmscm.evaluation.top1_errors import top1_error
from mmscm.functional.boxes import box_areas, pairwise_iou
from mmscm.visualization.panels import blend

FOLDER = 'analysis'
FILE_NAME = 'images.csv'
# The grid of the metrics, so that boxes are found once for all.
CAM_THRS = np.arange(0, 1, 0.01)
SIZE_EDGES = (0.05, 0.15, 0.3, 0.5, 0.75)  # of ``covers``
_SIDE = 160  # pixels of a stored picture

Box = tuple[float, ...]  # xyxy in pixels of the network input


@dataclass
class ImageRow:
    """One image of a test at one threshold, a line of ``images.csv``.

    Attributes:
        index (int): In the data set.
        name (str): Path of the image, or its number.
        label (int): True class.
        class_name (str): Its name, or 'class 7'.
        predicted (str): Name of the most probable class.
        error (str): Why Top-1 localization fails, one of
            :data:`mmscm.evaluation.ERRORS`.
        iou (float): Largest IoU of the box with a true one.
        covers (float): Share of the input in the largest true box.
        width, height (int): Of the network input, pixels.
        cam_thr (float): Threshold of the box, a fraction of the maximum.
        origin (str): Where it is from, 'val' or 'oracle'.
        box (Box): Of the map of the true class.
        true_boxes (list[Box]): One or more.
    """

    index: int
    name: str
    label: int
    class_name: str
    predicted: str
    error: str
    iou: float
    covers: float
    width: int
    height: int
    cam_thr: float
    origin: str
    box: Box
    true_boxes: list[Box]

    @property
    def size_group(self) -> str:
        """' 5 - 15 %' and the like by ``covers``; these names sort by it."""
        edges = (0, *SIZE_EDGES, 1)
        index = int(np.searchsorted(SIZE_EDGES, self.covers, side='right'))
        low, high = (round(100 * edge) for edge in edges[index : index + 2])
        return f'{low:2d} - {high} %'


class ImageRows(BaseMetric):
    """Keep the boxes of every image; write a row and a picture of each.

    Args:
        work_dir (str | Path): ``analysis/`` below it is replaced.
        num_images (int): Size of the set.
        classes (Sequence[str]): Names of the classes, may be empty.
        max_pictures (int): Pictures are kept of so many images at most,
            spread over the set.
        collect_device (str): How processes join their rows, 'cpu' (through
            files) or 'gpu' (over the network).
    """

    default_prefix = 'images'

    def __init__(
        self,
        work_dir: str | Path,
        num_images: int,
        classes: Sequence[str] = (),
        max_pictures: int = 6000,
        collect_device: str = 'cpu',
    ) -> None:
        super().__init__(collect_device)
        self.folder = Path(work_dir, FOLDER)
        self.classes = classes
        self.stride = -(-num_images // max_pictures)  # rounded up
        self.images: list[dict[str, Any]] = []
        if is_main_process():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        barrier()

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Find the boxes of a batch; see ``BaseMetric``."""
        inputs = data_batch['inputs']
        for image, data in zip(inputs, data_samples, strict=True):
            sample = SampleView(data)
            index = int(data.get('sample_idx', len(self.results)))
            label, size = sample.gt_label, sample.img_shape
            boxes = sample.boxes(label, WSOLEVAL, CAM_THRS)
            truth = WSOLEVAL.true_boxes(sample.gt_bboxes, size)
            self.results.append(
                dict(
                    index=index,
                    name=str(data.get('img_path') or f'image {index}'),
                    label=label,
                    predicted=sample.predicted_label,
                    size=size,
                    boxes=boxes,
                    ious=pairwise_iou(boxes, truth, inclusive=True).max(1),
                    true_boxes=sample.gt_bboxes,
                )
            )
            if index % self.stride == 0 and image.dtype == torch.uint8:
                pixels = image.permute(1, 2, 0).numpy(force=True)
                empty = np.zeros((1, 1))  # of a model that predicts boxes
                plane = sample.patch_map(label) if sample.has_maps else empty
                pair = _picture_and_map(pixels, plane)
                path = picture_path(self.folder, index)
                cv2.imwrite(str(path), pair, [cv2.IMWRITE_JPEG_QUALITY, 85])

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict:
        """Keep the images of all processes; there are no values."""
        self.images = sorted(results, key=lambda image: image['index'])
        return {}

    def write(self, stored: StoredThresholds | None = None) -> None:
        """Write ``images.csv``.

        Args:
            stored (StoredThresholds, optional): Of the checkpoint. The boxes
                have its threshold of GT-Known, the nearest of ``CAM_THRS``;
                without it the best one of these images.
        """
        cam_thr = None if stored is None else stored.gt_known
        if stored is None or cam_thr is None:
            good = np.array([image['ious'] >= 0.5 for image in self.images])
            step, origin = int(good.mean(0).argmax()), ORACLE
        else:
            step = int(np.abs(CAM_THRS - cam_thr).argmin())
            origin = ORACLE if stored.split == 'test' else stored.split
        with (self.folder / FILE_NAME).open(
            'w', newline='', encoding='utf-8'
        ) as file:
            writer = csv.DictWriter(file, [f.name for f in fields(ImageRow)])
            writer.writeheader()
            for image in self.images:
                row = asdict(self._row(image, step, origin))
                row['box'] = _written(row['box'])
                row['true_boxes'] = ';'.join(map(_written, row['true_boxes']))
                writer.writerow(row)

    def _row(self, image: dict[str, Any], step: int, origin: str) -> ImageRow:
        box, (height, width) = image['boxes'][step], image['size']
        label, predicted = image['label'], image['predicted']
        truth = WSOLEVAL.true_boxes(image['true_boxes'], image['size'])
        return ImageRow(
            index=image['index'],
            name=image['name'],
            label=label,
            class_name=self._class_name(label),
            predicted=self._class_name(predicted),
            error=top1_error(label == predicted, box, truth),
            iou=float(image['ious'][step]),
            covers=box_areas(image['true_boxes']).max() / (height * width),
            width=width,
            height=height,
            cam_thr=round(float(CAM_THRS[step]), 10),
            origin=origin,
            box=tuple(box.tolist()),
            true_boxes=[tuple(b) for b in image['true_boxes'].tolist()],
        )

    def _class_name(self, label: int) -> str:
        known = label < len(self.classes)
        return self.classes[label] if known else f'class {label}'


def read_image_rows(work_dir: str | Path) -> list[ImageRow]:
    """Images of the last test in a work directory, in order.

    Raises:
        FileNotFoundError: Nothing was tested there.
        ValueError: Names the file and the line that is no row.
    """
    path = Path(work_dir, FOLDER, FILE_NAME)
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected the rows of the tested images at {path}, but there are '
            f'none. tools/test.py CONFIG CHECKPOINT --work-dir {work_dir} '
            'writes them.'
        )
    with path.open(encoding='utf-8', newline='') as file:
        reader, rows = csv.DictReader(file), []
        for line in reader:
            try:
                rows.append(_read(line))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ValueError(
                    f'Expected a row of tools/test.py in {path}, line '
                    f'{reader.line_num}, but got {line}.'
                ) from error
    return rows


def picture_path(folder: str | Path, index: int) -> Path:
    """File of an image: the network input, and its map beside it."""
    return Path(folder, f'{index:06d}.jpg')


def _read(line: dict[str, str]) -> ImageRow:
    return ImageRow(
        index=int(line['index']),
        name=line['name'],
        label=int(line['label']),
        class_name=line['class_name'],
        predicted=line['predicted'],
        error=line['error'],
        iou=float(line['iou']),
        covers=float(line['covers']),
        width=int(line['width']),
        height=int(line['height']),
        cam_thr=float(line['cam_thr']),
        origin=line['origin'],
        box=_box(line['box']),
        true_boxes=[_box(text) for text in line['true_boxes'].split(';')],
    )


def _written(box: Box) -> str:
    return ' '.join(f'{value:g}' for value in box)


def _box(text: str) -> Box:
    x0, y0, x1, y1 = map(float, text.split())
    return x0, y0, x1, y1


def _picture_and_map(pixels: np.ndarray, patch_map: np.ndarray) -> np.ndarray:
    """A small picture and the map over it, side by side.

    Args:
        pixels (np.ndarray): Network input, BGR, uint8, shape (H, W, 3).
        patch_map (np.ndarray): Localization map, shape (h, w).

    Returns:
        np.ndarray: BGR, uint8, height and half the width 160 at most.
    """
    factor = min(1, _SIDE / max(pixels.shape[:2]))
    small = cv2.resize(
        np.ascontiguousarray(pixels),
        None,
        fx=factor,
        fy=factor,
        interpolation=cv2.INTER_AREA,
    )
    heated = blend(small[..., ::-1], patch_map)[..., ::-1]
    return np.hstack([small, heated])
