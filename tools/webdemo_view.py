"""Compute what the web demo shows: predict once, redraw often."""

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
    """

    name: str
    image: np.ndarray
    ori_shape: tuple[int, int]
    ranked: list[dict[str, Any]]
    score_maps: list[np.ndarray]
    cam_thr: float

    def choices(self) -> list[str]:
        """One line a class, distinct, best first."""
        return [
            f'{rank}. {row["class"]}  {row["score"]:.2f}'
            for rank, row in enumerate(self.ranked, 1)
        ]

    def box(self, index: int, cam_thr: float) -> np.ndarray:
        """Box of a class, xyxy in pixels of the upload, shape (4,)."""
        score_map = self.score_maps[index]
        (boxes,) = boxes_from_map(score_map, [cam_thr], clip=False)
        return rescale(boxes, score_map.shape, self.ori_shape)[0]

    def is_whole(self, index: int, cam_thr: float) -> bool:
        """Whether the box of a class says nothing, as it is the image."""
        (area,) = box_areas(self.box(index, cam_thr)[None])
        return area > WHOLE * np.prod(self.ori_shape)

    def save(self, index: int, cam_thr: float, folder: Path) -> list[str]:
        """Write the box as COCO's result and as a data set of COCO."""
        height, width = self.ori_shape
        record = dict(
            self.ranked[index],
            name=self.name,
            bboxes=[self.box(index, cam_thr).tolist()],
        )
        result = write_json([record], folder / f'{Path(self.name).stem}.json')
        (entry,) = json.loads(result.read_text('utf-8'))
        category = dict(id=entry['category_id'], name=entry['category_name'])
        annotation = dict(id=0, image_id=0, category_id=category['id'])
        bbox = entry['bbox']
        annotation |= dict(bbox=bbox, area=bbox[2] * bbox[3], iscrowd=0)
        annotation |= dict(score=entry['score'])
        image = dict(id=0, file_name=self.name, width=width, height=height)
        coco = result.with_name(f'{result.stem}-coco.json')
        content = dict(
            images=[image], categories=[category], annotations=[annotation]
        )
        coco.write_text(json.dumps(content), encoding='utf-8')
        return [str(result), str(coco)]

    def draw(self, index: int, cam_thr: float) -> np.ndarray:
        """Image and map with the box of a class, RGB."""
        box = self.box(index, cam_thr)[None]
        box = rescale(box, self.ori_shape, self.image.shape[:2])
        caption = f'{self.choices()[index]}, threshold {cam_thr:.2f}'
        return overlay(self.image, self.score_maps[index], box, caption)


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
        ranked = inferencer.ranking(sample.pred_score, len(sample.map_labels))
        found = [localize(sample, row['label'], thr) for row in ranked]
        return View(
            name=Path(path).name,
            image=resize_longest(pixels[..., ::-1], SIDE),
            ori_shape=pixels.shape[:2],
            ranked=ranked,
            score_maps=[result['score_map'] for result in found],
            cam_thr=thr,
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
