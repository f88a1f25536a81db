"""What the web demo shows, without the web: predict once, redraw often."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from mmscm.apis.figures.maps import block_maps, blocks_figure
from mmscm.apis.inference.inferencer import LocalizationInferencer
from mmscm.apis.inference.inputs import NamedInput, read_image
from mmscm.apis.inference.results import result_of, to_original
from mmscm.functional.boxes import boxes_from_map
from mmscm.visualization.overlay import overlay

MAX_PIXELS = 50_000_000  # decoded, 150 MB
LONGEST = 1024  # side of the picture that is kept, pixels


class UploadError(ValueError):
    """What is wrong with an upload, in words that any visitor may read."""


@dataclass
class View:
    """One prediction, ready to be drawn at any threshold.

    Attributes:
        image (np.ndarray): RGB, uint8, at most ``LONGEST`` pixels long.
        ori_shape (tuple[int, int]): Height and width of the upload.
        names (list[str]): Of the top classes, best first.
        scores (list[float]): Their probabilities.
        score_maps (list[np.ndarray]): Their maps in [0, 1], at the size of
            the network input.
        cam_thr (float): The model's own threshold.
    """

    image: np.ndarray
    ori_shape: tuple[int, int]
    names: list[str]
    scores: list[float]
    score_maps: list[np.ndarray]
    cam_thr: float

    def choices(self) -> list[str]:
        """One line a class, distinct, best first."""
        pairs = zip(self.names, self.scores, strict=True)
        return [
            f'{rank}. {name}  {score:.2f}'
            for rank, (name, score) in enumerate(pairs, 1)
        ]

    def box(self, index: int, cam_thr: float) -> np.ndarray:
        """Box of a class, xyxy in pixels of the upload, shape (4,)."""
        score_map = self.score_maps[index]
        (boxes,) = boxes_from_map(score_map, [cam_thr], clip=False)
        return to_original(boxes, score_map.shape, self.ori_shape)[0]

    def draw(self, index: int, cam_thr: float) -> np.ndarray:
        """Image and map with the box of a class, RGB."""
        factor = self.image.shape[1] / self.ori_shape[1]
        box = self.box(index, cam_thr) * factor
        caption = f'{self.choices()[index]}, threshold {cam_thr:.2f}'
        return overlay(self.image, self.score_maps[index], box[None], caption)


class Models:
    """Models by name, loaded when first used.

    Args:
        sources (Mapping[str, tuple[str, str]]): Config and checkpoint.
        device (str, optional): See :class:`LocalizationInferencer`.
    """

    def __init__(
        self,
        sources: Mapping[str, tuple[str, str]],
        device: str | None = None,
    ) -> None:
        self.sources = dict(sources)
        self.device = device
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
        ranked = inferencer.labels.ranking(
            sample.pred_score, len(sample.map_labels)
        )
        found = [result_of(sample, row['label'], thr) for row in ranked]
        return View(
            image=_shrunk(pixels)[..., ::-1].copy(),
            ori_shape=pixels.shape[:2],
            names=[row['class'] for row in ranked],
            scores=[row['score'] for row in ranked],
            score_maps=[result['score_map'] for result in found],
            cam_thr=thr,
        )

    def blocks(self, name: str, path: str, target: str) -> np.ndarray | None:
        """Maps of every block, RGB; None for a model without neck."""
        with self._lock:
            inferencer = self._get(name)
            if not inferencer.model.with_neck:
                return None
            label = _index(inferencer, target)
            maps = block_maps(inferencer, read_upload(path), label)
        return blocks_figure(maps)

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
    except Exception as error:  # whatever a decoder stumbles over
        raise UploadError(
            f'Expected an image, but {Path(path).name} cannot be read as one.'
        ) from error
    if width * height > MAX_PIXELS:
        raise UploadError(
            f'Expected at most {MAX_PIXELS // 10**6} million pixels, but got '
            f'{width} x {height}.'
        )
    try:
        return read_image(NamedInput('upload', path))
    except ValueError as error:
        raise UploadError(
            f'Expected an image, but {Path(path).name} is damaged.'
        ) from error


def _shrunk(image: np.ndarray) -> np.ndarray:
    factor = LONGEST / max(image.shape[:2])
    if factor >= 1:
        return image
    height, width = (max(1, round(s * factor)) for s in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def _index(inferencer: LocalizationInferencer, name: str) -> int:
    if inferencer.classes:
        return list(inferencer.classes).index(name)
    return int(name.removeprefix('class '))
