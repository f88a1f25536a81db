from __future__ import annotations

import warnings

import mmcv
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
from torch.utils.data import DataLoader

from mmscm.datasets import (
    AnnotatedSizeWarning,
    LoadImage,
    Resize,
    WSOLMetadata,
)
from mmscm.datasets.load_image import ImageError, pil_to_bgr

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
        encoded(picture(), '.tiff'),
        from_pillow(pillow_picture('RGBA'), 'PNG'),
        from_pillow(pillow_picture('RGB'), 'WEBP', lossless=True),
    ],
    ids=['png', 'tiff', 'rgba', 'webp'],
)
def test_lossless_files_give_bgr_pixels(tmp_path, content, backend):
    image = loaded(tmp_path, content, imdecode_backend=backend)
    assert (image == picture()).all()


@pytest.mark.parametrize('mode', ['RGB', 'CMYK'])
def test_progressive_and_cmyk_jpeg_give_bgr_pixels(tmp_path, mode):
    image = pillow_picture(mode)
    content = from_pillow(image, 'JPEG', quality=98, progressive=True)
    found = loaded(tmp_path, content)
    # compression, and the table of colours of CMYK
    assert np.abs(found[:, ::39].astype(int) - picture()[:, ::39]).max() < 8


@pytest.mark.parametrize('channels', [1, 3])
@pytest.mark.parametrize('factor', [1, 257])
def test_grey_has_three_channels_and_sixteen_bits_become_eight(
    tmp_path, channels, factor
):
    kind = np.uint16 if factor == 257 else np.uint8  # 257 * 255 = 65535
    content = encoded(np.dstack([GREY.astype(kind) * factor] * channels))
    image = loaded(tmp_path, content)
    assert image.dtype == np.uint8
    assert (image == np.dstack([GREY] * 3)).all()


def test_pillow_which_clips_sixteen_bits_refuses_them(tmp_path):
    content = encoded(GREY.astype(np.uint16) * 257)
    with pytest.raises(ImageError, match=r"mode I.*'cv2'"):
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
        loaded(tmp_path, content)


@pytest.mark.parametrize('name', ['gone.jpg', 'x/gone.jpg', '.'])
def test_what_is_no_file_is_named(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(ImageError, match='Expected an image') as error:
        load(path)
    assert str(path) in str(error.value)


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_image(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = 'a \xff\xd9 b'
    whole = from_pillow(
        pillow_picture('RGB'), 'JPEG', exif=exif.tobytes() + b'\xff\xd9'
    )
    assert loaded(tmp_path, whole + b'\0' * 1000).shape == (20, 40, 3)
    with pytest.raises(ImageError, match=r'whose end is missing'):
        loaded(tmp_path, whole[:-2])


def test_floats_on_demand(tmp_path):
    image = loaded(tmp_path, encoded(picture()), to_float32=True)
    assert image.dtype == np.float32
    assert (image == picture()).all()


@pytest.mark.parametrize('mode', ['RGB', 'RGBA', 'L', 'LA', 'P', 'I;16', 'I'])
def test_a_pil_image_has_the_pixels_of_its_file(mode):
    if mode.startswith('I'):
        deep = GREY.astype(np.uint16) * 257
        image = Image.fromarray(deep).convert(mode)
        assert image.mode == mode
        expected = np.dstack([GREY] * 3)
    else:
        image = pillow_picture(mode)
        content = from_pillow(image, 'PNG')
        expected = mmcv.imfrombytes(content)
    assert (pil_to_bgr(image) == expected).all()


def test_a_pil_image_is_rotated_as_viewers_do(tmp_path):
    path = save(tmp_path / 'x.jpg', rotated_jpeg())
    found, expected = pil_to_bgr(Image.open(path)), mmcv.imread(path)
    assert found.shape == expected.shape == (40, 20, 3)
    assert np.abs(found.astype(int) - expected).max() <= 2


def test_a_pil_image_of_unknown_range_is_refused():
    with pytest.raises(ImageError, match=r'mode F .* from 0.0 to 1.0'):
        pil_to_bgr(Image.fromarray(np.eye(3, dtype=np.float32)))


@pytest.mark.parametrize(
    ('annotated', 'expected'),
    [
        (dict(ori_shape=(20, 41)), r'41 x 20 pixels, as .* has 40 x 20'),
        (
            dict(gt_bboxes=np.float32([[0, 0, 50, 9]])),
            r'image, 40 x 20 pixels',
        ),
    ],
)
def test_the_first_image_that_is_not_the_annotated_one_is_named(
    tmp_path, annotated, expected
):
    path = save(tmp_path / 'x', encoded(picture()))
    transform = LoadImage()
    with pytest.warns(AnnotatedSizeWarning, match=f'/x: .*{expected}'):
        found = transform(dict(img_path=path, **annotated))
    assert found['ori_shape'] == (20, 40)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        transform(dict(img_path=path, **annotated))
        fitting = dict(ori_shape=(20, 40), gt_bboxes=np.ones((0, 4)))
        LoadImage()(dict(img_path=path, **fitting))


@pytest.mark.parametrize('workers', [0, 2])
def test_an_error_survives_the_worker_of_a_loader(metadata_root, workers):
    save(metadata_root / 'images/b/2.jpg', b'')
    dataset = WSOLMetadata(
        str(metadata_root), 'metadata/test', 'images', pipeline=[LoadImage()]
    )
    loader = DataLoader(dataset, batch_size=None, num_workers=workers)
    with pytest.raises(ImageError, match=r'/b/2.jpg: .*an empty file'):
        list(loader)
