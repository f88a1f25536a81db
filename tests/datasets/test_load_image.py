"""Image files of every kind, good and bad."""

import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import mmcv
import numpy as np
import pytest
from PIL import Image
from torch.utils.data import DataLoader

from mmscm.datasets import (
    AnnotatedSizeWarning,
    LoadImage,
    Resize,
    WSOLMetadata,
)
from mmscm.datasets.load_image import ImageError, pil_to_bgr

GREY = np.uint8([[0, 85], [170, 255]])
DEEP_GREY = GREY.astype(np.uint16) * 257  # 257 * 255 = 65535


def picture(height: int = 20, width: int = 40) -> np.ndarray:
    """BGR: left half (30, 90, 150), right half (200, 120, 60)."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2] = (30, 90, 150)
    image[:, width // 2 :] = (200, 120, 60)
    return image


def encoded(image: np.ndarray, suffix: str = '.png') -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


def from_pillow(mode: str, form: str, **options) -> bytes:
    buffer = BytesIO()
    pillow_picture(mode).save(buffer, form, **options)
    return buffer.getvalue()


def pillow_picture(mode: str) -> Image.Image:
    return Image.fromarray(picture()[..., ::-1]).convert(mode)


def rotated_jpeg() -> bytes:
    """40 x 20 pixels as stored; EXIF asks for a quarter turn."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return from_pillow('RGB', 'JPEG', exif=exif, quality=95)


def png(width: int, height: int) -> bytes:
    """A PNG file whose header promises what its data does not have."""
    header = struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)
    content = b'\x89PNG\r\n\x1a\n'
    for part in (b'IHDR' + header, b'IDAT' + zlib.compress(b''), b'IEND'):
        check = struct.pack('>I', zlib.crc32(part))
        content += struct.pack('>I', len(part) - 4) + part + check
    return content


def loaded(path: Path, content: bytes, **options) -> np.ndarray:
    path.write_bytes(content)
    return LoadImage(**options)(dict(img_path=str(path)))['img']


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (encoded(picture(), '.png'), picture()),
        (encoded(picture(), '.tiff'), picture()),
        (from_pillow('RGBA', 'PNG'), picture()),
        (from_pillow('RGB', 'WEBP', lossless=True), picture()),
        (encoded(GREY), np.dstack([GREY] * 3)),
        (encoded(np.dstack([DEEP_GREY] * 3)), np.dstack([GREY] * 3)),
    ],
    ids=['png', 'tiff', 'rgba', 'webp', 'grey', 'rgb16'],
)
def test_lossless_files_give_eight_bit_bgr_pixels(
    tmp_path, content, expected, backend
):
    image = loaded(tmp_path / 'x', content, imdecode_backend=backend)
    assert image.dtype == np.uint8
    assert (image == expected).all()


def test_sixteen_bits_of_grey_become_eight_or_are_refused(tmp_path):
    content = encoded(DEEP_GREY)
    assert (loaded(tmp_path / 'x', content) == np.dstack([GREY] * 3)).all()
    with pytest.raises(ImageError, match=r"mode I.*'cv2'"):  # clips at 255
        loaded(tmp_path / 'x', content, imdecode_backend='pillow')


@pytest.mark.parametrize('mode', ['RGB', 'CMYK'])
def test_progressive_and_cmyk_jpeg_give_bgr_pixels(tmp_path, mode):
    content = from_pillow(mode, 'JPEG', quality=98, progressive=True)
    found = loaded(tmp_path / 'x', content)
    # compression, and the table of colours of CMYK
    assert np.abs(found[:, ::39].astype(int) - picture()[:, ::39]).max() < 8


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_boxes_follow_the_pixels_as_stored_not_as_rotated(tmp_path, backend):
    image = loaded(tmp_path / 'x', rotated_jpeg(), imdecode_backend=backend)
    boxes = np.float32([[20, 0, 40, 20]])  # the right half
    resized = Resize(scale=(80, 80))(dict(img=image, gt_bboxes=boxes))
    x0, y0, x1, y1 = resized['gt_bboxes'][0].astype(int)
    right = resized['img'][y0:y1, x0:x1].astype(int)
    assert right.shape == (80, 40, 3)
    assert np.abs(right[:, 4:] - (200, 120, 60)).max() < 8


def test_a_decoder_that_would_rotate_is_refused():
    with pytest.raises(ValueError, match=r'color_ignore_orientation'):
        LoadImage(color_type='color')


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (b'', 'an empty file'),
        (b'hello' * 99, 'cannot be decoded'),
        (encoded(picture(200, 200), '.jpg')[:-100], 'whose end is missing'),
        (encoded(picture())[:90], ''),
        (png(9, 0), ''),
        (png(20_000, 20_000), '400000000 pixels'),
    ],
    ids=['empty', 'text', 'jpeg', 'png', '9x0', 'large'],
)
def test_a_bad_file_is_named(tmp_path, content, expected):
    with pytest.raises(ImageError, match=rf'/x: Expected an im.*{expected}'):
        loaded(tmp_path / 'x', content)


@pytest.mark.parametrize('name', ['gone.jpg', 'x/gone.jpg', '.', 'a\0b'])
def test_what_is_no_file_is_named(tmp_path, name):
    path = f'{tmp_path}/{name}'
    with pytest.raises(ImageError, match='Expected an image') as error:
        LoadImage()(dict(img_path=path))
    assert path in str(error.value)


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_image(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = 'a \xff\xd9 b'
    whole = from_pillow('RGB', 'JPEG', exif=exif.tobytes() + b'\xff\xd9')
    assert loaded(tmp_path / 'x', whole + b'\0' * 1000).shape == (20, 40, 3)
    with pytest.raises(ImageError, match=r'whose end is missing'):
        loaded(tmp_path / 'x', whole[:-2])


@pytest.mark.parametrize('mode', ['RGB', 'RGBA', 'L', 'LA', 'P', 'I;16', 'I'])
def test_a_pil_image_has_the_pixels_of_its_file(mode):
    if mode.startswith('I'):
        image = Image.fromarray(DEEP_GREY).convert(mode)
        assert image.mode == mode
        expected = np.dstack([GREY] * 3)
    else:
        image = pillow_picture(mode)
        expected = mmcv.imfrombytes(from_pillow(mode, 'PNG'))
    assert (pil_to_bgr(image) == expected).all()


def test_a_pil_image_is_rotated_as_viewers_do(tmp_path):
    (tmp_path / 'x.jpg').write_bytes(rotated_jpeg())
    found = pil_to_bgr(Image.open(tmp_path / 'x.jpg'))
    expected = mmcv.imread(str(tmp_path / 'x.jpg'))
    assert found.shape == expected.shape == (40, 20, 3)
    assert np.abs(found.astype(int) - expected).max() <= 2


def test_a_pil_image_of_unknown_range_is_refused():
    with pytest.raises(ImageError, match=r'mode F .* from 0.0 to 1.0'):
        pil_to_bgr(Image.fromarray(np.eye(3, dtype=np.float32)))


@pytest.mark.parametrize(
    ('annotated', 'expected'),
    [
        (dict(ori_shape=(20, 41)), r'41 x 20 pixels, as .* has 40 x 20'),
        (dict(gt_bboxes=np.float32([[0, 0, 50, 9]])), '40 x 20 pixels'),
    ],
)
def test_the_first_image_that_is_not_the_annotated_one_is_named(
    tmp_path, annotated, expected
):
    path = tmp_path / 'x'
    path.write_bytes(encoded(picture()))
    transform = LoadImage()
    with pytest.warns(AnnotatedSizeWarning, match=f'/x: .*{expected}'):
        found = transform(dict(img_path=str(path), **annotated))
    assert found['ori_shape'] == (20, 40)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        transform(dict(img_path=str(path), **annotated))
        fitting = dict(ori_shape=(20, 40), gt_bboxes=np.ones((0, 4)))
        LoadImage()(dict(img_path=str(path), **fitting))


def test_an_error_survives_the_worker_of_a_loader(metadata_root):
    (metadata_root / 'images/b/2.jpg').write_bytes(b'')
    dataset = WSOLMetadata(
        str(metadata_root), 'metadata/test', 'images', pipeline=[LoadImage()]
    )
    loader = DataLoader(dataset, batch_size=None, num_workers=1)
    with pytest.raises(ImageError, match=r'/b/2.jpg: .*an empty file'):
        list(loader)
