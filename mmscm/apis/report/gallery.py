"""Best, median and worst images of a run, ready for a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from mmscm.apis.results.image_records import ImageRecord
from mmscm.apis.results.runs import Run
from mmscm.visualization.panels import heat_map

_OPACITY = 0.55  # of the map over the picture


@dataclass(frozen=True)
class Card:
    """One image of the gallery.

    Attributes:
        run (str): Name of the run.
        group (str): 'best', 'median' or 'worst'.
        title (str): End of the path of the image.
        label, predicted (str): Names of the classes.
        error (str): What is wrong with Top-1.
        iou (float): Of the box.
        picture, overlay (str): Addresses of images that hold them.
        size (tuple[int, int]): Width and height of the network input.
        box (list[int]): x, y, width and height of the predicted box.
        true_boxes (list[list[float]]): The same of the true ones.
    """

    run: str
    group: str
    title: str
    label: str
    predicted: str
    error: str
    iou: float
    picture: str
    overlay: str
    size: tuple[int, int]
    box: list[float]
    true_boxes: list[list[float]]


def gallery(run: Run, count: int) -> list[Card]:
    """Cards of the images with the best, median and worst boxes.

    Args:
        run (Run): One test.
        count (int): Images of each of the three.

    Returns:
        list[Card]: No image twice; those without a picture are left out.
    """
    images = [image for image in run.images.images if image.picture]
    ranked = sorted(images, key=lambda image: -image.iou)
    count = min(count, -(-len(ranked) // 3))
    start = max((len(ranked) - count) // 2, count)
    groups = {
        'best': ranked[:count],
        'median': ranked[start : start + count],
        'worst': ranked[max(start + count, len(ranked) - count) :],
    }
    return [
        _card(run, group, image)
        for group, members in groups.items()
        for image in members
    ]


def _card(run: Run, group: str, image: ImageRecord) -> Card:
    picture = _decoded(image.picture, cv2.IMREAD_COLOR)
    grey = _decoded(image.map, cv2.IMREAD_GRAYSCALE)
    heat = heat_map(grey, picture.shape[:2])[..., ::-1]  # BGR
    overlay = cv2.addWeighted(
        np.ascontiguousarray(heat), _OPACITY, picture, 1 - _OPACITY, 0
    )
    name = run.images.class_name
    return Card(
        run=run.name,
        group=group,
        title='/'.join(image.name.split('/')[-2:]),
        label=name(image.label),
        predicted=name(image.top5[0]),
        error=image.error,
        iou=image.iou,
        picture=_address(image.picture),
        overlay=_address(cv2.imencode('.jpg', overlay)[1].tobytes()),
        size=image.size[::-1],
        box=_corner_and_size(image.box),
        true_boxes=[_corner_and_size(box) for box in image.true_boxes],
    )


def _decoded(data: bytes, mode: int) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    if image is None:
        raise ValueError(
            'Expected a picture that was stored with the records, but got '
            f'{len(data)} bytes that are none.'
        )
    return image


def _address(jpeg: bytes) -> str:
    return 'data:image/jpeg;base64,' + base64.b64encode(jpeg).decode()


def _corner_and_size(box: np.ndarray) -> list[float]:
    x0, y0, x1, y1 = (float(value) for value in box)
    return [x0, y0, x1 - x0, y1 - y0]
