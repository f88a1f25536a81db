"""Load images so that a bad file is named, and so are boxes of another one."""

from __future__ import annotations

import warnings
from io import BytesIO

import mmcv
import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine.fileio import get
from PIL import Image, ImageOps

from mmscm.registry import TRANSFORMS

from .annotations import parse_box

END_OF_JPEG = b'\xff\xd9'
AS_STORED = 'color_ignore_orientation'


class ImageError(ValueError):
    """A file that is no image, or not a whole one, or not there."""


class AnnotatedSizeWarning(UserWarning):
    """Boxes that were annotated on an image of another size."""


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """The host's LoadImageFromFile for files and boxes that may be bad.

    Boxes are annotated on the pixels as stored, so EXIF rotation is not
    applied. Grey, CMYK, 16-bit and transparent images become 8-bit BGR. A file
    that is missing, empty, cut off, too large or no image at all is an
    :class:`ImageError`. The first image of another size than listed, or with
    a box outside, is an :class:`AnnotatedSizeWarning`.

    Args:
        color_type (str): As in the host's, but for 'color', which rotates.
        imdecode_backend (str): As in the host's.

    Needs ``img_path``; adds ``img``, ``img_shape`` and ``ori_shape``.
    """

    def __init__(
        self, color_type: str = AS_STORED, imdecode_backend: str = 'cv2'
    ) -> None:
        if color_type == 'color':
            raise ValueError(
                f'Expected `color_type={AS_STORED!r}`, but got {color_type!r}.'
                ' Boxes do not follow an EXIF rotation.'
            )
        super().__init__(
            color_type=color_type, imdecode_backend=imdecode_backend
        )
        self._warned = False

    def transform(self, results: dict) -> dict:
        """Load the image of one sample, unless it is there.

        mmpretrain's inferencer loads images before the pipeline.
        """
        if 'img' in results:
            return results
        img = read_image(
            results['img_path'], self.color_type, self.imdecode_backend
        )
        size = img.shape[:2]
        if not self._warned:
            self._compare(results, size)
        return dict(results, img=img, img_shape=size, ori_shape=size)

    def _compare(self, results: dict, size: tuple[int, int]) -> None:
        """Warn if the annotations are of an image of another size."""
        height, width = results.get('ori_shape', size)
        try:
            if (height, width) != size:
                raise ValueError(
                    f'Expected {width} x {height} pixels, as listed with the '
                    f'boxes, but the image as stored has {size[1]} x {size[0]}'
                )
            for key in ('gt_bboxes', 'pseudo_bboxes'):
                for box in results.get(key, ()):
                    parse_box(box.tolist(), size)
        except ValueError as error:
            warnings.warn(
                f'{results["img_path"]}: {error}. tools/check_dataset.py '
                'lists all such images.',
                AnnotatedSizeWarning,
                stacklevel=2,
            )
            self._warned = True  # unless the warning is an error


def read_image(
    path: str, color_type: str = AS_STORED, backend: str = 'cv2'
) -> np.ndarray:
    """Pixels of an image file: BGR, uint8, shape (H, W, 3), or grey (H, W).

    The path or URL is named in every :class:`ImageError`; ``color_type`` is
    a flag of ``mmcv.imfrombytes`` and ``backend`` its decoder.
    """
    try:
        content = get(path)
        if not content:
            raise ValueError('an empty file')
        check_header(content, backend)
        image = mmcv.imfrombytes(content, flag=color_type, backend=backend)
        if image is None or 0 in image.shape:
            raise ValueError('a file that cannot be decoded')
    except Exception as error:  # each decoder has its own kinds
        cause = getattr(error, 'strerror', None) or error
        raise ImageError(
            f'{path}: Expected an image, but got: {cause}'
        ) from error
    return image


def check_header(content: bytes, backend: str) -> None:
    """Refuse what decoders make something else of, by the first bytes."""
    try:
        image = Image.open(BytesIO(content))  # decodes nothing yet
    except Image.DecompressionBombError:
        raise
    except Exception:  # also struct.error and the like; left to the decoder
        return
    # old versions of OpenCV fill what is missing with grey
    whole = content.find(END_OF_JPEG, image.fp.tell()) >= 0
    if image.format == 'JPEG' and not whole:
        raise ValueError('a JPEG file whose end is missing')
    if backend == 'pillow' and image.mode.startswith(('I', 'F')):
        raise ValueError(
            f'mode {image.mode}, which Pillow clips at 255. '
            "`imdecode_backend='cv2'` reads 16 bits."
        )


def pil_to_bgr(image: Image.Image) -> np.ndarray:
    """Pixels of a PIL image as a viewer shows them: uint8 BGR, (H, W, 3).

    EXIF rotation is applied, 16 bits are scaled to 8, alpha is dropped. Mode
    F, whose range is not known, is an :class:`ImageError`.
    """
    image = ImageOps.exif_transpose(image)
    if not image.mode.startswith(('I', 'F')):
        return np.asarray(image.convert('RGB'))[..., ::-1].copy()
    values = np.asarray(image)
    if image.mode == 'F' or values.min() < 0 or values.max() > 65535:
        raise ImageError(
            f'Expected an image of 8 or 16 bits, but got mode {image.mode} '
            f'with values from {values.min()} to {values.max()}.'
        )
    return np.dstack([(values >> 8).astype(np.uint8)] * 3)
