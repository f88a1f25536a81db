"""Write a page of the least certain boxes of tools/infer.py.

It needs no network and no other file.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from page import jpeg_address, write_page

from mmscm.apis.localization import WHOLE
from mmscm.apis.photos import read_image
from mmscm.functional.boxes import box_areas
from mmscm.visualization.panels import resize_longest

IMAGES = 300  # of a page
SIDE = 320  # of a picture, pixels
TINY = 0.01  # of the image
PLAIN = 'no mark'


class Card(NamedTuple):
    """One box, or a photo without any."""

    certainty: float  # score times box_score
    name: str
    path: str
    label: str  # name of the class
    score: float  # of the class
    box_score: float  # see mmscm.apis.localization.box_contrast
    box: list[float]  # xyxy in pixels of the photo, or []
    area: float  # fraction of the image
    width: int  # of the photo, pixels
    height: int
    picture: str = ''  # address that holds the photo

    @property
    def mark(self) -> str:
        if not self.box:
            return 'no box'
        if self.area > WHOLE:
            return 'whole image'
        return 'tiny' if self.area < TINY else PLAIN


def write_review(records: Iterable[dict], out: Path) -> Path:
    """Write one HTML file of the least certain boxes.

    Args:
        records (Iterable[dict]): Of ``boxes.jsonl``; those that are no file
            are left out.
        out (Path): File to write.
    """
    count = 0

    def counted() -> Iterator[Card]:
        nonlocal count
        for record in records:
            for card in cards_of(record):
                count += 1
                yield card

    least = heapq.nsmallest(IMAGES, counted())
    cards = [card._replace(picture=small(card.path)) for card in least]
    return write_page(
        *('review.html', out),
        title='Least certain boxes',
        **dict(cards=cards, count=count, plain=PLAIN),
    )


def cards_of(record: dict[str, Any]) -> list[Card]:
    """The boxes of a photo."""
    if record['path'] is None:
        return []
    height, width = record['size']
    found = zip(
        record['bboxes'] or [[]], record['box_scores'] or [0.0], strict=True
    )
    return [
        Card(
            certainty=record['score'] * max(box_score, 0),
            name=record['name'],
            path=record['path'],
            label=record['class'],
            score=record['score'],
            box_score=box_score,
            box=box,
            area=box_areas(np.array([box or [0] * 4]))[0] / (height * width),
            width=width,
            height=height,
        )
        for box, box_score in found
    ]


def small(path: str) -> str:
    """A photo, as an address that holds it."""
    picture = resize_longest(read_image(path), SIDE)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85]
    return jpeg_address(cv2.imencode('.jpg', picture, quality)[1].tobytes())
