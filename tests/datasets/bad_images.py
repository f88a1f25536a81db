"""Image files of every kind, good and bad."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def picture(height: int = 20, width: int = 40) -> np.ndarray:
    """BGR: left half (30, 90, 150), right half (200, 120, 60)."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2] = (30, 90, 150)
    image[:, width // 2 :] = (200, 120, 60)
    return image


def encoded(image: np.ndarray, suffix: str = '.png') -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


def from_pillow(image: Image.Image, form: str, **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def pillow_picture(mode: str) -> Image.Image:
    return Image.fromarray(picture()[..., ::-1]).convert(mode)


def rotated_jpeg() -> bytes:
    """40 x 20 pixels as stored; EXIF asks for a quarter turn."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return from_pillow(pillow_picture('RGB'), 'JPEG', exif=exif, quality=95)


def png(width: int, height: int) -> bytes:
    """A PNG file whose header promises what its data does not have."""
    header = struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)
    parts = ((b'IHDR', header), (b'IDAT', zlib.compress(b'')), (b'IEND', b''))
    return b'\x89PNG\r\n\x1a\n' + b''.join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack('>I', zlib.crc32(kind + data))
    return struct.pack('>I', len(data)) + kind + data + check


def save(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)
