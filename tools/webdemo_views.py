"""What the web demo predicts, and how it is drawn, without a page."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import numpy as np
from infer_formats import write_json
from PIL import Image

from mmscm import LocalizationInferencer
from mmscm.apis.localization import WHOLE, localize, rescale
from mmscm.apis.photos import read_image
from mmscm.functional.boxes import box_areas, boxes_from_map
from mmscm.visualization.panels import overlay, resize_longest

sys.path.append(str(Path(__file__).parent / 'analysis'))
from figures import block_maps, blocks_figure

HINT = 'Drop an image to localize it. It stays with this server.'
MAX_PIXELS = 50_000_000  # decoded, 150 MB
SIDE = 480  # longer side of a panel, pixels


class UploadError(ValueError):
    """What is wrong with an upload, in words that any visitor may read."""


@dataclass
class View:
    """One prediction, ready to be drawn at any threshold.

    Attributes:
        name (str): File name of the upload.
        image (np.ndarray): RGB, uint8, ``SIDE`` pixels long.
        ori_shape (tuple[int, int]): Height and width of the upload.
        ranked (list[dict]): Label, class and score of the top classes.
        score_maps (list[np.ndarray]): Their maps in [0, 1], at the size of
            the network input.
        cam_thr (float): The model's own threshold.
        boxes (list[np.ndarray], optional): Of a model that predicts them,
            whatever the threshold: xyxy in pixels of the upload, (4,) each.
    """

    name: str
    image: np.ndarray
    ori_shape: tuple[int, int]
    ranked: list[dict[str, Any]]
    score_maps: list[np.ndarray]
    cam_thr: float
    boxes: list[np.ndarray] | None = None

    def choices(self) -> list[str]:
        """One line a class, distinct, best first."""
        return [
            f'{rank}. {row["class"]}  {row["score"]:.2f}'
            for rank, row in enumerate(self.ranked, 1)
        ]

    def index(self, choice: str | None) -> int:
        """Rank of what is chosen, the best if nothing is."""
        choices = self.choices()
        return choices.index(choice) if choice in choices else 0

    def box(self, index: int, cam_thr: float) -> np.ndarray:
        """Box of a class, xyxy in pixels of the upload, shape (4,)."""
        if self.boxes is not None:
            return self.boxes[index]
        score_map = self.score_maps[index]
        (boxes,) = boxes_from_map(score_map, [cam_thr], clip=False)
        return rescale(boxes, score_map.shape, self.ori_shape)[0]

    def draw(
        self, choice: str | None, cam_thr: float
    ) -> tuple[str, np.ndarray]:
        """What is said of a class, and image and map with its box, RGB."""
        index, (height, width) = self.index(choice), self.ori_shape
        row, box = self.ranked[index], self.box(index, cam_thr)
        x0, y0, x1, y1 = box.round().astype(int).tolist()
        message = (
            f'**{row["class"]}** {row["score"]:.2f}, box ({x0}, {y0}) to '
            f'({x1}, {y1}) of {width} x {height} pixels'
        )
        if box_areas(box[None])[0] > WHOLE * height * width:
            message += ': **the whole image**, which says nothing'
        small = rescale(box[None], self.ori_shape, self.image.shape[:2])
        caption = f'{self.choices()[index]}, threshold {cam_thr:.2f}'
        scores = self.score_maps[index]
        return message, overlay(self.image, scores, small, caption)

    def save(
        self, choice: str | None, cam_thr: float, folder: Path
    ) -> list[str]:
        """Write the box as COCO's result and as a data set of COCO."""
        index, (height, width) = self.index(choice), self.ori_shape
        boxes = [self.box(index, cam_thr).tolist()]
        record = dict(self.ranked[index], name=self.name, bboxes=boxes)
        result = write_json([record], folder / f'{Path(self.name).stem}.json')
        (entry,) = json.loads(result.read_text('utf-8'))
        label, name = entry.pop('category_id'), entry.pop('category_name')
        image = dict(id=0, file_name=entry.pop('file_name'))
        area = entry['bbox'][2] * entry['bbox'][3]
        entry |= dict(id=0, category_id=label, area=area, iscrowd=0)
        content = dict(
            images=[image | dict(width=width, height=height)],
            categories=[dict(id=label, name=name)],
            annotations=[entry],
        )
        coco = result.with_name(f'{result.stem}-coco.json')
        coco.write_text(json.dumps(content), encoding='utf-8')
        return [str(result), str(coco)]


class Models:
    """Models by name, loaded when first used.

    Args:
        sources (Mapping[str, tuple[str, str | None]]): Config and checkpoint;
            None is what the config loads.
        device (str, optional): See :class:`LocalizationInferencer`.
    """

    def __init__(
        self,
        sources: Mapping[str, tuple[str, str | None]],
        device: str | None = None,
    ) -> None:
        self.sources = dict(sources)
        self.device = device
        self._saved = TemporaryDirectory(prefix='mmscm-')
        self._loaded: dict[str, LocalizationInferencer] = {}
        # backbones record attention during a forward pass
        self._lock = threading.Lock()

    def predict(self, name: str, path: str) -> View:
        """Top classes of an uploaded file."""
        pixels = read_upload(path)
        with self._lock:
            inferencer = self._get(name)
            samples: list[Any] = inferencer(pixels, True, progress=False)
            (sample,) = samples
        thr = inferencer.cam_thr
        ranked = inferencer.ranking(sample.pred_score)
        found = [localize(sample, row['label'], thr) for row in ranked]
        given = 'pred_bboxes' in sample
        return View(
            name=Path(path).name,
            image=resize_longest(pixels[..., ::-1], SIDE),
            ori_shape=pixels.shape[:2],
            ranked=ranked,
            score_maps=[each['score_map'] for each in found],
            cam_thr=thr,
            boxes=[each['bboxes'][0] for each in found] if given else None,
        )

    def blocks(
        self, name: str, path: str, label: int, cam_thr: float
    ) -> np.ndarray | None:
        """Maps of every block, RGB; None for a model without neck."""
        with self._lock:
            inferencer = self._get(name)
            if not inferencer.model.with_neck:
                return None
            pixels = read_upload(path)
            maps = block_maps(inferencer, pixels, label, cam_thr)
        return blocks_figure(maps)

    def new_folder(self) -> Path:
        """One that is deleted when the server ends."""
        return Path(mkdtemp(dir=self._saved.name))

    def _get(self, name: str) -> LocalizationInferencer:
        if name not in self._loaded:
            source = self.sources[name]
            self._loaded[name] = LocalizationInferencer(*source, self.device)
        return self._loaded[name]


def read_upload(path: str) -> np.ndarray:
    """An uploaded image, BGR; nothing is decoded before its size is known."""
    try:
        with Image.open(path) as header:
            width, height = header.size
        if width * height <= MAX_PIXELS:
            return read_image(path)
    except Exception as error:  # whatever a decoder stumbles over
        raise UploadError(
            f'Expected an image, but {Path(path).name} cannot be read as one.'
        ) from error
    raise UploadError(
        f'Expected at most {MAX_PIXELS // 10**6} million pixels, but got '
        f'{width} x {height}.'
    )
