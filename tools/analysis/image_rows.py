"""Write what a report shows of every image of a test: a row and a picture."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dist import barrier, is_main_process
from mmengine.evaluator import BaseMetric
from torch import Tensor

from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation.protocols import WSOLEVAL
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.score import ORACLE
from mmscm.evaluation.top1_errors import top1_error
from mmscm.functional.boxes import box_areas, pairwise_iou
from mmscm.visualization.panels import blend, resize_longest

FOLDER = 'analysis'
FILE_NAME = 'images.csv'
# The grid of the metrics, so that boxes are found once for all.
CAM_THRS = np.arange(0, 1, 0.01)
SIZE_EDGES = (0.05, 0.15, 0.3, 0.5, 0.75)  # of ``covers``
SIDE = 160  # pixels of a stored picture
MAX_PICTURES = 6000  # spread over the set

Boxes = list[tuple[float, ...]]  # xyxy in pixels of the network input


@dataclass
class ImageRow:
    """One image of a test at one threshold, a line of ``images.csv``."""

    index: int  # in the data set
    name: str  # path of the image, or its number
    label: int  # true class
    class_name: str  # its name, or 'class 7'
    predicted: str  # name of the most probable class
    error: str  # of Top-1 localization, see mmscm.evaluation.ERRORS
    iou: float  # largest IoU of the box with a true one
    coverage: float  # share of the true boxes where the map is above cam_thr
    precision: float  # share of where it is above that lies in a true box
    covers: float  # share of the input in the largest true box
    width: int  # of the network input, pixels
    height: int
    cam_thr: float  # threshold of the box, a fraction of the maximum
    origin: str  # where it is from, 'val' or 'oracle'
    box: Boxes  # one, of the map of the true class
    true_boxes: Boxes  # one or more

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
        collect_device (str): How processes join their rows, 'cpu' (through
            files) or 'gpu' (over the network).
    """

    default_prefix = 'images'

    def __init__(
        self,
        work_dir: str | Path,
        num_images: int,
        classes: Sequence[str] = (),
        collect_device: str = 'cpu',
    ) -> None:
        super().__init__(collect_device)
        self.folder = Path(work_dir, FOLDER)
        self.classes = classes
        self.stride = -(-num_images // MAX_PICTURES)  # rounded up
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
            label, (height, width) = sample.gt_label, sample.img_shape
            index = int(data.get('sample_idx', len(self.results)))
            truth = WSOLEVAL.true_boxes(sample.gt_bboxes, (height, width))
            boxes = sample.boxes(label, WSOLEVAL, CAM_THRS)
            row = dict(
                index=index,
                name=str(data.get('img_path') or f'image {index}'),
                label=label,
                class_name=self._class_name(label),
                predicted=self._class_name(sample.predicted_label),
                covers=box_areas(sample.gt_bboxes).max() / (height * width),
                width=width,
                height=height,
                true_boxes=sample.gt_bboxes,
            )
            right = label == sample.predicted_label
            ious = pairwise_iou(boxes, truth, inclusive=True).max(1)
            self.results.append(
                dict(
                    row=row,
                    right=right,
                    truth=truth,
                    boxes=boxes,
                    ious=ious,
                    areas=areas_above(sample, label, truth),
                )
            )
            if index % self.stride == 0 and image.dtype == torch.uint8:
                empty = np.zeros((1, 1))  # of a model that predicts boxes
                plane = sample.patch_map(label) if sample.has_maps else empty
                pair = picture_and_map(image, plane)
                path = picture_path(self.folder, index)
                cv2.imwrite(str(path), pair, [cv2.IMWRITE_JPEG_QUALITY, 85])

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict:
        """Keep the images of all processes; there are no values."""
        self.images = sorted(results, key=lambda image: image['row']['index'])
        return {}

    def write(self, stored: StoredThresholds | None = None) -> None:
        """Write ``images.csv``.

        Args:
            stored (StoredThresholds, optional): Of the checkpoint. The boxes
                have its threshold of GT-Known, the nearest of ``CAM_THRS``;
                without it the best one of these images.
        """
        if stored is None or stored.gt_known is None:
            good = np.array([image['ious'] >= 0.5 for image in self.images])
            step, origin = int(good.mean(0).argmax()), ORACLE
        else:
            step = int(np.abs(CAM_THRS - stored.gt_known).argmin())
            origin = ORACLE if stored.split == 'test' else stored.split
        path = self.folder / FILE_NAME
        with path.open('w', newline='', encoding='utf-8') as file:
            writer = csv.DictWriter(file, [f.name for f in fields(ImageRow)])
            writer.writeheader()
            for image in self.images:
                box, row = image['boxes'][step], image['row']
                inside, outside, true = image['areas'][:, step]
                chosen = dict(
                    error=top1_error(image['right'], box, image['truth']),
                    iou=float(image['ious'][step]),
                    coverage=inside / true,
                    precision=inside / max(inside + outside, 1),
                    cam_thr=round(float(CAM_THRS[step]), 10),
                    origin=origin,
                    box=_text([box]),
                    true_boxes=_text(row['true_boxes']),
                )
                writer.writerow(row | chosen)

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
    parse = {'int': int, 'float': float, 'str': str, 'Boxes': _boxes}
    rows = []
    with path.open(encoding='utf-8', newline='') as file:
        for number, line in enumerate(csv.DictReader(file), 2):
            try:
                values = {
                    f.name: parse[f.type](line[f.name])
                    for f in fields(ImageRow)
                }
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ValueError(
                    f'Expected a row of tools/test.py in {path}, line '
                    f'{number}, but got {line}.'
                ) from error
            rows.append(ImageRow(**values))
    return rows


def areas_above(
    sample: SampleView, label: int, truth: np.ndarray
) -> np.ndarray:
    """Pixels of a class's map above each threshold, shape (3, T).

    Inside and outside of the true boxes xyxy (M, 4), and those of the boxes;
    not a number where the model predicts boxes alone.
    """
    if not sample.has_maps:
        return np.full((3, len(CAM_THRS)), np.nan)
    within = np.zeros(sample.img_shape, bool)
    for left, top, right, bottom in truth.astype(int):
        within[top : bottom + 1, left : right + 1] = True
    scores = sample.score_map(label, WSOLEVAL)
    above = [
        np.searchsorted(np.sort(scores[part]), CAM_THRS, side='right')
        for part in (within, ~within)
    ]
    sizes = np.array([[within.sum()], [(~within).sum()]])
    return np.vstack([sizes - above, np.full(len(CAM_THRS), within.sum())])


def picture_path(folder: str | Path, index: int) -> Path:
    """File of an image: the network input, and its map beside it."""
    return Path(folder, f'{index:06d}.jpg')


def picture_and_map(image: Tensor, patch_map: np.ndarray) -> np.ndarray:
    """The network input (3, H, W), small, and the map over it; BGR, uint8."""
    pixels = image.permute(1, 2, 0).numpy(force=True)
    pixels = np.ascontiguousarray(pixels)
    small = resize_longest(pixels, min(SIDE, max(pixels.shape[:2])))
    heated = blend(small[..., ::-1], patch_map)[..., ::-1]
    return np.hstack([small, heated])


def _text(boxes: Iterable[np.ndarray]) -> str:
    """Boxes as '0 0 16 9.5;3 4 8 8'."""
    return ';'.join(' '.join(f'{v:g}' for v in box) for box in boxes)


def _boxes(text: str) -> Boxes:
    return [tuple(map(float, box.split())) for box in text.split(';')]
