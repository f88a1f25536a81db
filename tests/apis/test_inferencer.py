"""Images in, classes, maps and boxes of the original image out."""

from __future__ import annotations

import functools
import http.server
import threading
import weakref

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.apis import ImageClassificationInferencer
from PIL import Image
from tiny_model import CLASSES, tiny_cam, tiny_files

from mmscm import LocalizationInferencer, get_model
from mmscm.apis import inferencer as apis_inferencer
from mmscm.apis.inferencer import THREADS, whole_image_pipeline
from mmscm.apis.localization import (
    box_contrast,
    object_boxes,
    rescale,
)
from mmscm.apis.localization import (
    localize as localize_sample,
)
from mmscm.apis.photos import Photo, read_image, video_frames
from mmscm.evaluation.protocols import get_protocol
from mmscm.evaluation.sample import SampleView


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


def test_a_folder_is_read_with_all_below_it_but_what_is_hidden(
    localize, folder
):
    (folder / '.thumbnails').mkdir()
    for name in ('.thumbnails/a.png', 'sub/._a.PNG'):
        (folder / name).write_bytes(b'no image')
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


@pytest.mark.parametrize('mode', ['RGB', 'L', 'P', 'RGBA', 'I;16'])
def test_a_pil_image_is_read_as_its_file(tmp_path, mode):
    ramp = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    picture = Image.fromarray(ramp)
    if mode != 'I;16':
        picture = Image.fromarray((ramp >> 8).astype(np.uint8)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    path = tmp_path / 'a.png'
    picture.save(path, exif=exif)
    with Image.open(path) as opened:
        assert opened.mode == mode
        assert (read_image(opened) == read_image(path)).all()


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
    boxes = rescale(np.array([[8, 8, 16, 32]]), (32, 32), (60, 80))
    assert boxes.tolist() == [[20, 15, 40, 60]]


def test_a_known_map_gives_the_box_of_its_bright_quarter(inferencer, image):
    (sample,) = inferencer(image, True, progress=False)
    sample.localization_maps = torch.zeros(3, 4, 4)
    sample.localization_maps[:, 2:, 2:] = 1
    found = localize_sample(sample, 0, cam_thr=0.5)
    # at 32 px the edge of the enlarged quarter is between pixels 15 and 16
    assert found['bboxes'].tolist() == [[40, 30, 80, 60]]


def test_the_box_is_the_one_that_metrics_score(inferencer, image):
    (sample,) = inferencer(image, True, progress=False)
    protocol = get_protocol('tscam')  # does not clip
    for label in range(3):
        for thr in (0.2, 0.4, 0.8):
            view = SampleView(sample.to_dict())
            (scored,) = view.boxes(label, protocol, np.array([thr]))
            # the input is 32 x 32, the photo 80 x 60
            expected = scored * np.array([80 / 32, 60 / 32] * 2)
            found = localize_sample(sample, label, thr)
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
    (result,) = localize(image)
    scores = [entry['score'] for entry in result['topk']]
    assert scores == sorted(result['pred_scores'].tolist(), reverse=True)
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
    with pytest.raises(ValueError, match=r'in \[0, 1\][^:]*but got'):
        localize(image, cam_thr=40)


@pytest.mark.parametrize(
    ('stored', 'used', 'said'),
    [
        (None, 0.2, 'No threshold is stored with the weights of tiny'),
        (0.01, 0.01, 'of tiny, 0.01, is on the edge of its grid'),
        (0.4, 0.4, ''),
    ],
)
def test_a_threshold_that_is_missing_or_means_little_is_said(
    files, tmp_path, monkeypatch, stored, used, said
):
    texts = []
    monkeypatch.setattr(
        apis_inferencer, 'print_log', lambda text, **_: texts.append(text)
    )
    weights = torch.load(files[1], weights_only=True)
    thresholds = dict(split='val', cam_thrs={'wsol/gt_known': stored})
    weights['meta']['cam_thrs'] = thresholds if stored else None
    torch.save(weights, tmp_path / 'tiny.pth')
    inferencer = LocalizationInferencer(files[0], tmp_path / 'tiny.pth')
    assert inferencer.cam_thr == used
    assert said in ''.join(texts)
    assert bool(texts) == bool(said)


def test_a_higher_threshold_gives_a_box_inside(localize, image):
    (wide,) = localize(image, cam_thr=0.0)
    (narrow,) = localize(image, cam_thr=0.95)
    x0, y0, x1, y1 = narrow['bboxes'][0] - wide['bboxes'][0]
    assert x0 >= 0 >= x1
    assert y0 >= 0 >= y1


def test_pictures_keep_folders_suffixes_and_proportions(localize, folder):
    localize(folder, show_dir=folder / 'show')
    shown = sorted((folder / 'show').rglob('*.jpg'))
    names = [path.relative_to(folder / 'show').as_posix() for path in shown]
    assert names == ['a.png.jpg', 'b.png.jpg', 'sub/a.PNG.jpg']
    assert cv2.imread(str(shown[-1])).shape == (360 + 22, 2 * 480, 3)


def test_samples_of_the_model_on_request(localize, image):
    (sample,) = localize(image, return_datasamples=True)
    assert sample.localization_maps.shape == (3, 4, 4)
    with pytest.raises(TypeError, match='show_dir'):  # it has no boxes
        localize(image, True, show_dir='shown')


def test_wrong_inputs_are_named(localize, folder, image):
    (folder / 'broken.jpg').write_bytes(b'no image')
    (folder / 'empty.jpg').write_bytes(b'')
    (folder / 'none').mkdir()
    for given, error, message in (
        (folder / 'broken.jpg', ValueError, r'broken\.jpg: Expected an image'),
        (folder / 'empty.jpg', ValueError, r'empty\.jpg.* an empty file'),
        (folder / 'missing.jpg', ValueError, r'missing\.jpg.* No such file'),
        (image / 255, ValueError, 'of float64'),
        (image[:0, :0], ValueError, r'uint8, shape \(0, 0, 3\)'),
        (folder / 'none', FileNotFoundError, 'Expected images'),
    ):
        with pytest.raises(error, match=message):
            localize(given)


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


def test_a_stream_skips_and_names_what_cannot_be_read(inferencer, folder):
    (folder / 'broken.jpg').write_bytes(b'no image')
    (folder / 'photo.heic').write_bytes(b'no image')
    failures = []
    stream = inferencer.stream(folder, 2, failures=failures)
    names = [result['name'] for result in stream]
    assert names == ['a.png', 'b.png', 'sub/a.PNG']
    assert [text.partition(':')[0] for text in failures] == [
        str(folder / 'broken.jpg'),
        str(folder / 'photo.heic'),
    ]


def test_a_stream_reads_only_what_it_soon_needs(inferencer, image):
    read = []

    def photos():
        for index in range(100):
            read.append(index)
            yield Photo(str(index), image)

    stream = inferencer.stream(photos(), batch_size=2)
    assert next(stream)['name'] == '0'
    assert len(read) <= 2 + 2 * 2 + 1
    stream.close()


def test_a_stream_keeps_no_result(inferencer, image):
    photos = [Photo(str(index), image) for index in range(6)]
    stream = inferencer.stream(iter(photos), 2, return_maps=True)
    results = [weakref.ref(next(stream)) for _ in photos]
    assert sum(result() is not None for result in results) <= 1


class SlowPhoto(Photo):
    """One that is read when ``ready`` is set."""

    ready = threading.Event()

    def read(self):
        assert self.ready.wait(60)
        return super().read()


def test_a_stream_left_half_way_waits_for_no_photo(inferencer, image):
    def photos():
        yield Photo('first', image)
        while True:  # none of these is ready
            yield SlowPhoto('slow', image)

    def threads():
        return [t for t in threading.enumerate() if t.name.startswith(THREADS)]

    before = set(threads())
    stream = inferencer.stream(photos())
    assert next(stream)['name'] == 'first'
    left = set(threads()) - before
    assert left
    stream.close()  # while its threads wait
    SlowPhoto.ready.set()
    for thread in left:
        thread.join(60)
    assert not set(threads()) - before


def test_the_class_may_follow_from_the_name(inferencer, folder):
    folders = dict.fromkeys(['a.png', 'b.png'], 'church') | {'sub/a.PNG': 2}
    stream = inferencer.stream(folder, 3, target=folders.get)
    assert [result['label'] for result in stream] == [1, 1, 2]


def test_frames_of_a_video_are_photos(inferencer, tmp_path, image):
    path = str(tmp_path / 'clip.avi')
    writer = cv2.VideoWriter(
        path, cv2.VideoWriter_fourcc(*'MJPG'), 5, image.shape[1::-1]
    )
    for _ in range(3):
        writer.write(image)
    writer.release()
    results = list(inferencer.stream(video_frames(path), 2))
    assert [r['name'] for r in results] == [f'clip_00000{i}' for i in range(3)]
    assert results[0]['size'] == image.shape[:2]
    with pytest.raises(ValueError, match='a video or the index of a camera'):
        next(video_frames(tmp_path / 'none.avi'))


def two_objects():
    """A ring with a dot in its hole, and another dot."""
    scores = np.zeros((20, 30))
    scores[2:12, 2:12] = 1
    scores[4:10, 4:10] = 0
    scores[6:8, 6:8] = 1
    scores[15:18, 20:25] = 0.8
    return scores


def test_all_objects_are_outer_boxes_without_those_inside():
    boxes = object_boxes(two_objects(), 0.5)
    assert boxes.tolist() == [[2, 2, 12, 12], [20, 15, 25, 18]]
    assert object_boxes(two_objects(), 0.9).tolist() == [[2, 2, 12, 12]]


def test_the_score_of_a_box_is_the_contrast_of_its_map():
    scores = np.zeros((4, 4))
    scores[:2, :2] = 1
    assert box_contrast(scores, np.array([0, 0, 2, 2])) == 1
    assert box_contrast(scores, np.array([0, 0, 4, 2])) == 0.5
    assert box_contrast(scores, np.array([0, 0, 4, 4])) == 0
    assert box_contrast(scores, np.array([0, 0, 0, 0])) == 0


def test_boxes_are_dropped_by_their_share_of_the_image(localize, image):
    (whole,) = localize(image, cam_thr=0.0)
    assert len(whole['bboxes']) == len(whole['box_scores']) == 1
    assert len(localize(image, cam_thr=0.0, max_area=0.5)[0]['bboxes']) == 0
    assert len(localize(image, cam_thr=0.9, min_area=0.9)[0]['bboxes']) == 0


def test_a_result_becomes_detections(localize, image):
    pytest.importorskip('supervision')
    (result,) = localize(image, target='church')
    detections = result.to_detections()
    assert detections.xyxy == pytest.approx(result['bboxes'])
    assert detections.class_id.tolist() == [1]
    assert detections.data['class_name'].tolist() == ['church']
    (empty,) = localize(image, max_area=0.0)
    assert len(empty.to_detections()) == 0


def test_a_model_without_attention_localizes(image, tmp_path):
    model = get_model(tiny_cam())
    localize = LocalizationInferencer(model, device='cpu', classes=CLASSES)
    (result,) = localize(image, show_dir=tmp_path, progress=False)
    assert result['class'] in CLASSES
    assert len(result['bboxes']) == 1
    assert len(list(tmp_path.iterdir())) == 1
