"""Images in, classes, maps and boxes of the original image out."""

from __future__ import annotations

import functools
import http.server
import json
import threading

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.apis import ImageClassificationInferencer
from PIL import Image
from tiny_model import CLASSES, tiny_files

from mmscm import LocalizationInferencer, get_model
from mmscm.apis.inference.results import result_of, to_original
from mmscm.apis.inference.setup import whole_image_pipeline
from mmscm.apis.inference.views import predict_views
from mmscm.evaluation.protocols import get_protocol
from mmscm.evaluation.sample import SampleView
from mmscm.evaluation.scoring import found_boxes


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    return tiny_files(tmp_path_factory.mktemp('tiny'))


@pytest.fixture(scope='module')
def inferencer(files):
    return LocalizationInferencer(*files, device='cpu')


@pytest.fixture
def localize(inferencer):
    return functools.partial(inferencer, progress=False)


@pytest.fixture(scope='module')
def image():
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return cv2.resize(noise, (80, 60), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def folder(tmp_path, image):
    (tmp_path / 'sub').mkdir()
    cv2.imwrite(str(tmp_path / 'b.png'), image)
    cv2.imwrite(str(tmp_path / 'a.png'), image[:, ::-1])
    cv2.imwrite(str(tmp_path / 'sub' / 'a.PNG'), image[::-1])
    (tmp_path / 'notes.txt').write_text('no image')
    return tmp_path


def same(first, second):
    np.testing.assert_array_equal(first['bboxes'], second['bboxes'])
    assert first['score'] == pytest.approx(second['score'], abs=1e-6)
    return first['label'] == second['label']


def test_it_is_an_inferencer_of_the_host(inferencer):
    assert isinstance(inferencer, ImageClassificationInferencer)


def test_every_kind_of_input_gives_the_same_result(localize, folder, image):
    path = folder / 'b.png'
    (expected,) = localize(image)
    rgb = Image.fromarray(image[..., ::-1])
    for given in (str(path), path, rgb, [image], image[..., [0, 1, 2, 2]]):
        (result,) = localize(given)
        assert same(result, expected)


def test_a_url_is_fetched(localize, folder, image, monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    serve = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(folder)
    )
    with http.server.HTTPServer(('127.0.0.1', 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://127.0.0.1:{server.server_port}/b.png'
        (result,) = localize(url)
        server.shutdown()
    assert result['name'] == 'b.png'
    assert same(result, localize(image)[0])


def test_a_folder_is_read_with_all_below_it(localize, folder):
    names = [result['name'] for result in localize(folder, batch_size=2)]
    assert names == ['a.png', 'b.png', 'sub/a.PNG']


def test_a_photo_is_read_as_viewers_show_it(localize, tmp_path, image):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    path = tmp_path / 'turned.jpg'
    Image.fromarray(image).save(path, exif=exif)
    (result,) = localize(path, return_maps=True)
    assert image.shape[:2] == (60, 80)
    assert result['map'].shape == (80, 60)


def test_a_grey_image_is_one_of_three_equal_channels(localize, image):
    grey = image[..., 0]
    assert same(localize(grey)[0], localize(np.dstack([grey] * 3))[0])


def test_batches_do_not_change_results(localize, folder):
    for one, many in zip(
        localize(folder), localize(folder, batch_size=3), strict=True
    ):
        assert same(one, many)


def test_boxes_are_in_pixels_of_the_original():
    # x times 80 / 32, y times 60 / 32
    boxes = to_original(np.array([[8, 8, 16, 32]]), (32, 32), (60, 80))
    assert boxes.tolist() == [[20, 15, 40, 60]]


def test_a_known_map_gives_the_box_of_its_bright_quarter(inferencer, image):
    (sample,) = inferencer(image, True, progress=False)
    sample.localization_maps = torch.zeros(3, 4, 4)
    sample.localization_maps[:, 2:, 2:] = 1
    found = result_of(sample, 0, cam_thr=0.5)
    # at 32 px the edge of the enlarged quarter is between pixels 15 and 16
    assert found['bboxes'].tolist() == [[40, 30, 80, 60]]


def test_the_box_is_the_one_that_metrics_score(inferencer, image):
    (sample,) = inferencer(image, True, progress=False)
    protocol = get_protocol('tscam')  # does not clip
    for label in range(3):
        for thr in (0.2, 0.4, 0.8):
            (scored,) = found_boxes(
                SampleView(sample.to_dict()), label, protocol, np.array([thr])
            )
            # the input is 32 x 32, the photo 80 x 60
            expected = scored * np.array([80 / 32, 60 / 32] * 2)
            found = result_of(sample, label, thr)
            np.testing.assert_allclose(found['bboxes'][0], expected, atol=0.01)


def test_resizing_the_photo_scales_the_box(localize, image):
    (small,) = localize(image)
    large = cv2.resize(image, (320, 240), interpolation=cv2.INTER_CUBIC)
    (result,) = localize(large)
    size = np.array([32 / 320, 32 / 240] * 2)  # of a pixel of the input
    error = np.abs(result['bboxes'] - 4 * small['bboxes']) * size
    assert error.max() <= 2


def test_a_class_is_asked_by_name_or_index(localize, image):
    (by_name,) = localize(image, target='golf ball')
    (by_index,) = localize(image, target=2)
    assert by_name['label'] == 2
    assert by_name['class'] == 'golf ball'
    assert same(by_name, by_index)
    assert by_name['score'] == pytest.approx(by_name['pred_scores'][2])
    with pytest.raises(ValueError, match=r"but got 'lion'"):
        localize(image, target='lion')
    with pytest.raises(ValueError, match='from 0 to 2, but got 3'):
        localize(image, target=3)


def test_classes_are_ranked(localize, image):
    (result,) = localize(image, topk=2)
    scores = [entry['score'] for entry in result['topk']]
    assert scores == sorted(result['pred_scores'].tolist())[:0:-1]
    assert result['topk'][0]['class'] == result['pred_class']


def test_maps_have_the_size_of_the_original(localize, image):
    (result,) = localize(image, return_maps=True)
    assert result['map'].shape == (60, 80)
    assert 0 <= result['map'].min() <= result['map'].max() <= 1
    assert 'map' not in localize(image)[0]


def test_the_threshold_is_that_of_the_checkpoint(files, localize, image):
    assert localize(image)[0]['cam_thr'] == 0.4
    assert localize(image, cam_thr=0.9)[0]['cam_thr'] == 0.9
    chosen = LocalizationInferencer(*files, device='cpu', cam_thr=0.6)
    assert chosen(image, progress=False)[0]['cam_thr'] == 0.6
    with pytest.raises(ValueError, match=r'in \[0, 1\].*but got 40'):
        localize(image, cam_thr=40)


def test_without_a_stored_threshold_the_default_is_said(files, image, caplog):
    inferencer = LocalizationInferencer(get_model(files[0]), device='cpu')
    assert inferencer.cam_thr == 0.2


def test_a_higher_threshold_gives_a_box_inside(localize, image):
    (wide,) = localize(image, cam_thr=0.0)
    (narrow,) = localize(image, cam_thr=0.95)
    x0, y0, x1, y1 = narrow['bboxes'][0] - wide['bboxes'][0]
    assert x0 >= 0 >= x1
    assert y0 >= 0 >= y1


def test_flip_average_of_a_mirrored_photo_is_the_mirrored_average(
    inferencer, image
):
    options = dict(return_datasamples=True, flip=True, progress=False)
    (plain,) = inferencer(image, **options)
    (mirrored,) = inferencer(image[:, ::-1].copy(), **options)
    torch.testing.assert_close(plain.pred_score, mirrored.pred_score)
    torch.testing.assert_close(
        plain.localization_maps, mirrored.localization_maps.flip(-1)
    )


def test_one_scale_twice_is_that_scale(localize, image):
    (once,) = localize(image)
    (twice,) = localize(image, scales=(1.0, 1.0))
    assert same(once, twice)


def test_scales_change_scores(localize, image):
    (once,) = localize(image)
    (several,) = localize(image, scales=(1.0, 1.5, 2.0))
    assert abs(once['score'] - several['score']) > 1e-6
    assert several['bboxes'].shape == (1, 4)


def test_scales_below_zero_are_refused(inferencer):
    with pytest.raises(ValueError, match='`scales` above 0'):
        predict_views(inferencer.model, {}, scales=(-1.0,))


def test_json_is_in_the_format_of_coco_results(localize, folder, tmp_path):
    results = localize(folder, out_dir=tmp_path / 'out')
    written = json.loads((tmp_path / 'out' / 'results.json').read_text())
    assert [entry['file_name'] for entry in written] == [
        *('a.png', 'b.png', 'sub/a.PNG')
    ]
    x0, y0, x1, y1 = results[1]['bboxes'][0]
    assert written[1]['bbox'] == pytest.approx([x0, y0, x1 - x0, y1 - y0])
    assert written[1]['image_id'] == 1
    assert CLASSES[written[1]['category_id']] == written[1]['category_name']


def test_pictures_keep_the_folders_and_proportions(localize, folder, tmp_path):
    localize(folder, show_dir=tmp_path / 'show')
    picture = cv2.imread(str(tmp_path / 'show' / 'sub' / 'a.png'))
    assert picture.shape == (360 + 22, 2 * 480, 3)
    assert (tmp_path / 'show' / 'b.png').is_file()


def test_samples_of_the_model_on_request(inferencer, image):
    (sample,) = inferencer(image, return_datasamples=True, progress=False)
    assert sample.localization_maps.shape == (3, 4, 4)


def test_wrong_inputs_are_named(localize, folder, image):
    (folder / 'broken.jpg').write_bytes(b'no image')
    (folder / 'empty.jpg').write_bytes(b'')
    for name in ('broken.jpg', 'empty.jpg'):
        with pytest.raises(ValueError, match=f'{name}, which cannot be'):
            localize(folder / name)
    with pytest.raises(FileNotFoundError, match=r'missing\.jpg'):
        localize(folder / 'missing.jpg')
    with pytest.raises(ValueError, match='of float64'):
        localize(image / 255)
    (folder / 'none').mkdir()
    with pytest.raises(FileNotFoundError, match='Expected images'):
        localize(folder / 'none')


def test_equal_file_names_do_not_overwrite_each_other(localize, folder):
    results = localize([folder / 'b.png', folder / 'b.png'])
    assert [result['name'] for result in results] == ['b.png', 'b_1.png']


def test_weights_are_needed(files):
    with pytest.raises(ValueError, match='Expected `weights`'):
        LocalizationInferencer(files[0])


def test_a_pipeline_that_crops_is_refused(files):
    model = get_model(files[0])
    pipeline = model._config.test_dataloader.dataset.pipeline
    pipeline.insert(1, dict(type='CenterCrop', crop_size=16))
    with pytest.raises(ValueError, match='the whole image'):
        LocalizationInferencer(model)


def test_a_pipeline_without_resize_gets_the_size_of_the_backbone(files, image):
    model = get_model(*files)
    del model._config.test_dataloader.dataset.pipeline[1]
    inferencer = LocalizationInferencer(model, device='cpu')
    (sample,) = inferencer(image, return_datasamples=True, progress=False)
    assert sample.img_shape == (32, 32)


@pytest.mark.parametrize('loader', ['mmscm.LoadImage', 'LoadImageFromFile'])
def test_steps_that_read_files_are_left_out(loader):
    steps = [dict(type=loader), dict(type='mmscm.Resize', scale=(8, 8))]
    dataset = dict(pipeline=steps)
    cfg = Config(dict(test_dataloader=dict(dataset=dataset)))
    changed = whole_image_pipeline(cfg, None).test_dataloader.dataset
    assert [step['type'] for step in changed.pipeline] == ['mmscm.Resize']
    assert len(cfg.test_dataloader.dataset.pipeline) == 2
