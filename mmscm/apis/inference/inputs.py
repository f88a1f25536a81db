"""What an inferencer takes: files, folders, URLs, arrays, PIL images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import mmcv
import numpy as np
from mmengine.fileio import get

SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp')


@dataclass(frozen=True)
class NamedInput:
    """An image that is not read yet.

    Attributes:
        name (str): Path below the folder given, file name, URL or, for an
            image in memory, its number.
        source (Any): Path, URL, array or PIL image.
    """

    name: str
    source: Any


def list_inputs(inputs: Any) -> list[NamedInput]:
    """Every image that the user means, one entry each.

    Args:
        inputs (Any): A path, a folder (all images in and below it), a URL,
            an array, a PIL image or a list of these.

    Returns:
        list[NamedInput]: With distinct names.
    """
    if not isinstance(inputs, (list, tuple)):
        inputs = [inputs]
    found = [item for given in inputs for item in _expand(given)]
    names: dict[str, int] = {}
    for index, item in enumerate(found):
        count = names.get(item.name or str(index), 0)
        names[item.name or str(index)] = count + 1
        name = item.name or str(index)
        if count:  # two folders may have the same file name
            path = Path(name)
            name = str(path.with_name(f'{path.stem}_{count}{path.suffix}'))
        found[index] = NamedInput(name, item.source)
    return found


def _expand(given: Any) -> Sequence[NamedInput]:
    if not isinstance(given, (str, PathLike)):
        return [NamedInput('', given)]
    if '://' in str(given):
        # neither `..` nor, on Windows, a backslash leaves a folder
        name = PurePosixPath(urlsplit(str(given)).path).name.lstrip('.')
        return [NamedInput(name.replace('\\', '_'), str(given))]
    path = Path(given).expanduser()
    if not path.is_dir():
        return [NamedInput(path.name, path)]
    files = sorted(
        file for file in path.rglob('*') if file.suffix.lower() in SUFFIXES
    )
    if not files:
        raise FileNotFoundError(
            f'Expected images ({", ".join(SUFFIXES)}) in {path}, but got none.'
        )
    return [NamedInput(str(file.relative_to(path)), file) for file in files]


def read_image(item: NamedInput) -> np.ndarray:
    """Pixels of an input, as viewers show them (EXIF rotation applied).

    Args:
        item (NamedInput): Arrays are BGR like those of ``mmcv.imread``, grey
            (H, W) or BGRA; PIL images are converted.

    Returns:
        np.ndarray: BGR, uint8, shape (H, W, 3).
    """
    source = item.source
    if isinstance(source, (str, Path)):
        return _decode(source)
    if hasattr(source, 'convert'):  # a PIL image
        return np.asarray(source.convert('RGB'))[..., ::-1].copy()
    image = np.asarray(source)
    grey = image.ndim == 2
    if image.dtype != np.uint8 or not (
        grey or (image.ndim == 3 and image.shape[2] in (3, 4))
    ):
        raise ValueError(
            'Expected a path, a URL, a PIL image or an array of uint8 of '
            'shape (H, W, 3), (H, W, 4) or (H, W), but got '
            f'{type(source).__name__} of {image.dtype}, shape {image.shape}.'
        )
    return np.dstack([image] * 3) if grey else image[..., :3].copy()


def _decode(source: str | Path) -> np.ndarray:
    if isinstance(source, Path) and not source.is_file():
        raise FileNotFoundError(
            f'Expected an image, but got {source}: no such file.'
        )
    content = get(str(source))
    image = mmcv.imfrombytes(content) if content else None
    if image is None:
        raise ValueError(
            f'Expected an image, but got {source}, which cannot be decoded.'
        )
    return image
