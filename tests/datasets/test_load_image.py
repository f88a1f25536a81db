from __future__ import annotations

import numpy as np
import pytest
from bad_images import (
    encoded,
    from_pillow,
    picture,
    pillow_picture,
    png,
    rotated_jpeg,
    save,
)
from PIL import Image

from mmscm.datasets import LoadImage, Resize
from mmscm.datasets.problems import ImageError

GREY = np.uint8([[0, 85], [170, 255]])


def load(path, **options):
    return LoadImage(**options)(dict(img_path=str(path)))


def loaded(tmp_path, content, **options):
    return load(save(tmp_path / 'x', content), **options)['img']


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(
    'content',
    [
        encoded(picture(), '.png'),
        encoded(picture(), '.bmp'),
        encoded(picture(), '.tiff'),
        from_pillow(pillow_picture('RGBA'), 'PNG'),
        from_pillow(pillow_picture('RGB'), 'WEBP', lossless=True),
    ],
    ids=['png', 'bmp', 'tiff', 'rgba', 'webp'],
)
def test_lossless_files_give_bgr_pixels(tmp_path, content, backend):
    image = loaded(tmp_path, content, imdecode_backend=backend)
    assert (image == picture()).all()


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize('options', [{}, {'progressive': True}])
@pytest.mark.parametrize('mode', ['RGB', 'CMYK'])
def test_jpeg_and_cmyk_jpeg_give_bgr_pixels(tmp_path, mode, options, backend):
    image = pillow_picture(mode)
    content = from_pillow(image, 'JPEG', quality=98, **options)
    found = loaded(tmp_path, content, imdecode_backend=backend)
    # compression, and the table of colours of CMYK
    assert np.abs(found[:, ::39].astype(int) - picture()[:, ::39]).max() < 8


def test_grey_has_three_equal_channels(tmp_path):
    image = loaded(tmp_path, encoded(GREY, '.png'))
    assert (image == np.dstack([GREY] * 3)).all()


@pytest.mark.parametrize('channels', [1, 3])
def test_sixteen_bits_are_scaled_to_eight(tmp_path, channels):
    # 257 * 255 = 65535
    deep = np.dstack([GREY.astype(np.uint16) * 257] * channels)
    image = loaded(tmp_path, encoded(deep, '.png'))
    assert image.dtype == np.uint8
    assert (image == np.dstack([GREY] * 3)).all()


def test_pillow_which_clips_sixteen_bits_refuses_them(tmp_path):
    content = encoded(GREY.astype(np.uint16) * 257, '.png')
    with pytest.raises(ImageError, match=r"8 bits.*mode I.*'cv2'"):
        loaded(tmp_path, content, imdecode_backend='pillow')


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_boxes_follow_the_pixels_as_stored_not_as_rotated(tmp_path, backend):
    path = save(tmp_path / 'x.jpg', rotated_jpeg())
    sample = load(path, imdecode_backend=backend)
    assert sample['ori_shape'] == (20, 40)
    # the right half
    sample['gt_bboxes'] = np.float32([[20, 0, 40, 20]])
    resized = Resize(scale=(80, 80))(sample)
    x0, y0, x1, y1 = resized['gt_bboxes'][0].astype(int)
    right = resized['img'][y0:y1, x0:x1].astype(int)
    assert right.shape == (80, 40, 3)
    assert np.abs(right[:, 4:] - (200, 120, 60)).max() < 8


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_a_decoder_that_would_rotate_is_refused(backend):
    with pytest.raises(ValueError, match=r'color_ignore_orientation'):
        LoadImage(color_type='color', imdecode_backend=backend)


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (b'', 'the file is empty'),
        (b'hello' * 99, 'Expected an image'),
        (encoded(picture())[:300], 'end is missing|Expected an image'),
        (encoded(picture(200, 200))[:-100], 'its end is missing'),
        (encoded(picture(), '.png')[:90], 'Expected an image'),
        (encoded(picture(), '.bmp')[:90], 'Expected an image'),
        (png(0, 0), 'Expected an image'),
        (png(9, 0), 'Expected an image'),
        (png(20_000, 20_000), 'Expected fewer pixels: .*400000000'),
        (png(70_000, 70_000), 'Expected fewer pixels: .*4900000000'),
    ],
    ids=[
        *('empty', 'text', 'header', 'jpeg', 'png', 'bmp'),
        *('0x0', '9x0', 'large', 'huge'),
    ],
)
def test_a_bad_file_is_named(tmp_path, content, expected, backend):
    with pytest.raises(ImageError, match=rf'/x: .*({expected})') as error:
        loaded(tmp_path, content, imdecode_backend=backend)
    assert error.value.path == str(tmp_path / 'x')


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_image(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = 'a \xff\xd9 b'
    whole = from_pillow(
        pillow_picture('RGB'), 'JPEG', exif=exif.tobytes() + b'\xff\xd9'
    )
    assert loaded(tmp_path, whole).shape == (20, 40, 3)
    with pytest.raises(ImageError, match=r'its end is missing'):
        loaded(tmp_path, whole[:-2])


def test_bytes_after_the_end_do_no_harm(tmp_path):
    content = encoded(picture()) + b'\0' * 1000
    assert loaded(tmp_path, content).shape == (20, 40, 3)


@pytest.mark.parametrize('name', ['gone.jpg', 'x/gone.jpg', '.'])
def test_what_is_no_file_is_named(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(ImageError, match='Expected an image') as error:
        load(path)
    assert str(path) in str(error.value)


def test_scrambled_data_within_a_jpeg_is_not_noticed(tmp_path):
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    content = bytearray(encoded(noise))
    middle = len(content) // 2
    content[middle : middle + 50] = bytes(50)
    assert loaded(tmp_path, bytes(content)).shape == (64, 64, 3)


def test_other_than_three_channels_are_refused(tmp_path):
    content = from_pillow(pillow_picture('RGBA'), 'PNG')
    with pytest.raises(ImageError, match=r'three channels.*\(20, 40, 4\)'):
        loaded(tmp_path, content, color_type='unchanged')


def test_floats_on_demand(tmp_path):
    content = encoded(picture(), '.png')
    image = loaded(tmp_path, content, to_float32=True)
    assert image.dtype == np.float32
    assert (image == picture()).all()
