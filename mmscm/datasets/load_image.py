"""Pixels of image files, and errors that name the file."""

from __future__ import annotations

from io import BytesIO

import mmcv
import mmcv.transforms
import numpy as np
from mmengine.fileio import get
from PIL import Image

from mmscm.registry import TRANSFORMS

from .problems import ImageError

END_OF_JPEG = b'\xff\xd9'
ROTATING = ('cv2', 'pillow')  # these obey EXIF unless told otherwise


@TRANSFORMS.register_module()
class LoadImage(mmcv.transforms.LoadImageFromFile):
    """The host's LoadImageFromFile for files that may be bad.

    Boxes are annotated on the pixels as stored, so EXIF rotation is not
    applied. Grey, CMYK, 16-bit and transparent images become 8-bit BGR. A file
    that is missing, empty, cut off, too large or no image at all is an
    :class:`~mmscm.datasets.problems.ImageError`, never a grey area.

    Args:
        color_type (str): As in the host's; see there.
        imdecode_backend (str): 'cv2', 'pillow' or 'turbojpeg'.
        to_float32 (bool): Instead of uint8.
        backend_args (dict, optional): Of mmengine's file client.

    Needs ``img_path``; adds ``img``, ``img_shape`` and ``ori_shape``.
    """

    def __init__(
        self,
        color_type: str = 'color_ignore_orientation',
        imdecode_backend: str = 'cv2',
        to_float32: bool = False,
        backend_args: dict | None = None,
    ) -> None:
        if imdecode_backend in ROTATING and color_type == 'color':
            raise ValueError(
                "Expected `color_type='color_ignore_orientation'` with "
                f"{imdecode_backend}, but got 'color'. Boxes do not follow "
                'an EXIF rotation.'
            )
        super().__init__(
            to_float32=to_float32,
            color_type=color_type,
            imdecode_backend=imdecode_backend,
            backend_args=backend_args,
        )

    def transform(self, results: dict) -> dict:
        """Load the image of one sample."""
        path = results['img_path']
        content = read_file(path, self.backend_args)
        check_header(path, content, self.imdecode_backend)
        img = decode(path, content, self.color_type, self.imdecode_backend)
        if img.ndim != 3 or img.shape[2] != 3:
            raise ImageError.at(
                path, f'Expected three channels, but got shape {img.shape}.'
            )
        results['img'] = img.astype(np.float32) if self.to_float32 else img
        results['img_shape'] = results['ori_shape'] = img.shape[:2]
        return results


def read_file(path: str, backend_args: dict | None = None) -> bytes:
    """Content of an image file that is there and not empty."""
    try:
        content = get(path, backend_args=backend_args)
    except FileNotFoundError as error:
        raise ImageError.at(
            path, 'Expected an image, but there is no such file.'
        ) from error
    except OSError as error:
        raise ImageError.at(
            path, f'Expected an image, but got {error}.'
        ) from error
    if not content:
        raise ImageError.at(path, 'Expected an image, but the file is empty.')
    return content


def check_header(path: str, content: bytes, backend: str) -> None:
    """Refuse what decoders make something else of, by the first bytes.

    Args:
        path (str): The file, for the error.
        content (bytes): All of it.
        backend (str): The decoder that follows.
    """
    try:
        image = Image.open(BytesIO(content))  # decodes nothing yet
    except Image.DecompressionBombError as error:
        raise ImageError.at(path, f'Expected fewer pixels: {error}') from error
    except Exception:  # also struct.error and the like; left to the decoder
        return
    # old versions of OpenCV fill what is missing with grey
    if (
        image.format == 'JPEG'
        and content.find(END_OF_JPEG, image.fp.tell()) < 0
    ):
        raise ImageError.at(
            path, 'Expected a whole JPEG file, but its end is missing.'
        )
    # Pillow clips 16-bit grey at 255 instead of scaling it
    if backend == 'pillow' and image.mode.startswith(('I', 'F')):
        raise ImageError.at(
            path,
            f'Expected 8 bits a channel, but got mode {image.mode}. '
            "`imdecode_backend='cv2'` reads 16 bits.",
        )


def decode(
    path: str, content: bytes, color_type: str, backend: str
) -> np.ndarray:
    """Pixels of an image, uint8 BGR (H, W, 3), or grey (H, W) on demand."""
    try:
        image = mmcv.imfrombytes(content, flag=color_type, backend=backend)
    except Exception as error:  # each decoder has its own kinds
        raise ImageError.at(
            path, f'Expected an image, but decoding it failed: {error}'
        ) from error
    if image is None or 0 in image.shape:
        raise ImageError.at(
            path, 'Expected an image, but its content cannot be decoded.'
        )
    return image
