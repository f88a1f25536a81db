"""Find and read photographs: files, folders, URLs, arrays, videos."""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
from mmengine.fileio import get
from mmengine.logging import print_log
from PIL import Image

from mmscm.datasets.load_image import ImageError, pil_to_bgr
from mmscm.datasets.load_image import read_image as load_image

HEIC = ('.heic', '.heif')
SUFFIXES = (
    *('.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp'),
    *HEIC,
)


@dataclass(frozen=True)
class Photo:
    """An image that is not read yet."""

    name: str  # path below the folder given, or file name, or number
    source: Any  # what :func:`read_image` takes

    def read(self) -> np.ndarray:
        """Pixels, see :func:`read_image`."""
        return read_image(self.source)


def find_photos(inputs: Any) -> list[Photo]:
    """List every image that the user means, with distinct names.

    That is a path, a folder (all images in and below it that are not
    hidden), a URL, an array, a PIL image or a list of these.
    """
    if not isinstance(inputs, (list, tuple)):
        inputs = [inputs]
    found: dict[str, Photo] = {}
    counts: Counter[str] = Counter()
    for photo in (photo for given in inputs for photo in _expand(given)):
        name = first = photo.name or str(len(found))
        while name in found:  # two folders may have the same file name
            counts[first] += 1
            path = PurePosixPath(first)
            name = f'{path.stem}_{counts[first]}{path.suffix}'
            name = str(path.with_name(name))
        found[name] = Photo(name, photo.source)
    return list(found.values())


def _expand(given: Any) -> Sequence[Photo]:
    if not isinstance(given, (str, PathLike)):
        return [Photo('', given)]
    if isinstance(given, str):
        given = given.removeprefix('file://')
    if '://' in str(given):
        # neither `..` nor, on Windows, a backslash leaves a folder
        name = PurePosixPath(urlsplit(str(given)).path).name.lstrip('.')
        return [Photo(name.replace('\\', '_'), str(given))]
    path = Path(given).expanduser()
    if not path.is_dir():
        return [Photo(path.name, path)]
    found, left_out = [], Counter[str]()
    for file in sorted(file for file in path.rglob('*') if file.is_file()):
        below, suffix = file.relative_to(path), file.suffix.lower()
        if any(part.startswith('.') for part in below.parts):
            continue
        if suffix in SUFFIXES:
            found.append(Photo(below.as_posix(), file))
        else:
            left_out[f'files with suffix {suffix or "none"}'] += 1
    if left_out:
        kinds = ', '.join(f'{n} {kind}' for kind, n in left_out.items())
        print_log(f'{path}: left out {kinds}.', 'current', logging.WARNING)
    if not found:
        raise FileNotFoundError(
            f'Expected images ({", ".join(SUFFIXES)}) in {path}, but got none.'
        )
    return found


def video_frames(source: str | Path | int) -> Iterator[Photo]:
    """Read a file, a URL or the camera of an index frame by frame.

    Frames are named by the video and their number, from 0.
    """
    camera = isinstance(source, int)
    capture = cv2.VideoCapture(source if camera else str(source))
    if not capture.isOpened():
        raise ValueError(
            f'Expected a video or the index of a camera, but got {source}, '
            'which OpenCV cannot open.'
        )
    try:
        index = 0
        while (frame := capture.read()[1]) is not None:
            yield Photo(f'{Path(str(source)).stem}_{index:06d}', frame)
            index += 1
    finally:
        capture.release()


def read_image(source: Any) -> np.ndarray:
    """Pixels as viewers show them: BGR, uint8, shape (H, W, 3).

    Of a path, URL, PIL image (EXIF rotation applied) or array; arrays are
    BGR like those of ``mmcv.imread``, grey (H, W) or BGRA.
    """
    if isinstance(source, (str, PathLike)):
        heic = Path(source).suffix.lower() in HEIC
        path = str(source)
        return _read_heic(path) if heic else load_image(path, 'color')
    if isinstance(source, Image.Image):
        return pil_to_bgr(source)
    image = np.asarray(source)
    grey = image.ndim == 2
    shaped = grey or (image.ndim == 3 and image.shape[2] in (3, 4))
    if image.dtype != np.uint8 or not shaped or not image.size:
        raise ValueError(
            'Expected a path, a URL, a PIL image or an array of uint8 of '
            'shape (H, W, 3), (H, W, 4) or (H, W), but got '
            f'{type(source).__name__} of {image.dtype}, shape {image.shape}.'
        )
    return np.dstack([image] * 3) if grey else image[..., :3].copy()


def _read_heic(path: str) -> np.ndarray:
    try:
        from pillow_heif import register_heif_opener

        register_heif_opener()
        return pil_to_bgr(Image.open(io.BytesIO(get(path))))
    except (ImportError, OSError) as error:
        raise ImageError(
            f'{path}: Expected an image, but got: {error}. HEIC needs '
            'pillow-heif: pip install pillow-heif.'
        ) from error
