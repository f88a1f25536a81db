"""Images in, classes, maps and boxes of the original image out."""

import functools
import threading
import weakref

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image
from served import served
from tiny_model import CLASSES, smooth_image, tiny_cam, tiny_ddt_files
from torch.testing import assert_close

from mmscm import LocalizationInferencer, get_model
from mmscm.apis.inferencer import THREADS, whole_image_pipeline
from mmscm.apis.localization import Localization, box_contrast, object_boxes
from mmscm.apis.localization import localize as localize_sample
from mmscm.apis.photos import Photo, read_image
from mmscm.evaluation.protocols import get_protocol
from mmscm.evaluation.sample import SampleView


@pytest.fixture
def localize(inferencer):
    return functools.partial(inferencer, progress=False)


@pytest.fixture(scope='module')
def image():
    return smooth_image((80, 60), (6, 8))


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


def test_every_kind_of_input_gives_the_same_result(localize, folder, image):
    path = folder / 'b.png'
    (expected,) = localize(image)
    rgb = Image.fromarray(image[..., ::-1])
    for given in (str(path), path, rgb, [image], image[..., [0, 1, 2, 2]]):
        (result,) = localize(given)
        assert same(result, expected)
    grey = image[..., 0]
    assert same(localize(grey)[0], localize(np.dstack([grey] * 3))[0])


def test_a_url_is_fetched(localize, folder, image, monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    with served(folder) as address:
        (result,) = localize(f'{address}/b.png')
    assert result['name'] == 'b.png'
    assert same(result, localize(image)[0])


def test_a_folder_is_read_in_batches_without_what_is_hidden(
    localize, folder, capfd
):
    (folder / '.thumbnails').mkdir()
    for name in ('.thumbnails/a.png', 'sub/._a.PNG'):
        (folder / name).write_bytes(b'no image')
    results = localize(folder, batch_size=2)
    assert [one['name'] for one in results] == ['a.png', 'b.png', 'sub/a.PNG']
    said = ''.join(capfd.readouterr())
    assert f'{folder}: left out 1 files with suffix .txt.' in said
    assert all(map(same, results, localize(folder)))


@pytest.mark.parametrize('mode', ['RGB', 'L', 'P', 'RGBA', 'I;16'])
def test_files_and_pil_images_are_read_as_viewers_show_them(tmp_path, mode):
    ramp = np.arange(64, dtype=np.uint16).reshape(4, 16) * 1000
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
    assert read_image(path).shape == (16, 4, 3)


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


def test_a_class_is_asked_by_name_index_or_function(localize, image):
    asked = ('golf ball', 2, '2', {'0': 'golf ball'}.get)
    results = [localize(image, target=target)[0] for target in asked]
    for result in results:
        assert (result['label'], result['class']) == (2, 'golf ball')
        assert same(result, results[0])
    assert result['score'] == pytest.approx(result['pred_scores'][2])
    for wrong in ('lion', 3, -1):
        with pytest.raises(ValueError, match=f'0 to 2, but got {wrong!r}'):
            localize(image, target=wrong)


def test_a_result_has_the_best_classes_and_on_request_a_map(localize, image):
    (result,) = localize(image, return_maps=True)
    scores = [entry['score'] for entry in result['topk']]
    assert scores == sorted(result['pred_scores'].tolist(), reverse=True)
    assert result['topk'][0]['class'] == result['pred_class']
    assert result['map'].shape == result['size'] == (60, 80)
    assert 0 <= result['map'].min() <= result['map'].max() <= 1
    assert 'map' not in localize(image)[0]


def test_a_threshold_is_that_of_the_checkpoint_or_the_one_asked_for(
    tiny, localize, image
):
    assert localize(image)[0]['cam_thr'] == 0.4
    assert localize(image, cam_thr=0.9)[0]['cam_thr'] == 0.9
    assert LocalizationInferencer(*tiny, cam_thr=0.6).cam_thr == 0.6
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
    tiny, tmp_path, monkeypatch, stored, used, said
):
    texts, keep = [], lambda text, **_: texts.append(text)
    monkeypatch.setattr('mmscm.apis.inferencer.print_log', keep)
    weights = torch.load(tiny[1], weights_only=True)
    thresholds = dict(split='val', cam_thrs={'wsol/gt_known': stored})
    weights['meta']['cam_thrs'] = thresholds if stored else None
    torch.save(weights, tmp_path / 'tiny.pth')
    inferencer = LocalizationInferencer(tiny[0], tmp_path / 'tiny.pth')
    assert inferencer.cam_thr == used
    assert said in ''.join(texts)
    assert bool(texts) == bool(said)


def test_pictures_keep_folders_suffixes_and_proportions(localize, folder):
    cv2.imwrite(str(folder / 'a.png.jpg'), cv2.imread(str(folder / 'a.png')))
    localize(folder, show_dir=folder / 'show')
    shown = sorted((folder / 'show').rglob('*.jpg'))
    names = [path.relative_to(folder / 'show').as_posix() for path in shown]
    expected = 'a.png.jpg', 'a.png.jpg.jpg', 'b.png.jpg', 'sub/a.PNG.jpg'
    assert names == [*expected]
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
    names = 'b.png', 'b.png', 'b_1.png'
    cv2.imwrite(str(folder / 'b_1.png'), cv2.imread(str(folder / 'b.png')))
    results = localize([folder / name for name in names])
    found = [result['name'] for result in results]
    assert found == ['b.png', 'b_1.png', 'b_1_1.png']


def test_an_address_of_a_file_is_its_path(localize, folder):
    results = localize([f'file://{folder}/b.png', folder / 'b.png'])
    assert same(*results)


@pytest.mark.parametrize('classes', ['ab', 'abcd'])
def test_other_numbers_of_names_than_classes_are_refused(tiny, classes):
    with pytest.raises(ValueError, match=f'3 classes, but got {len(classes)}'):
        LocalizationInferencer(*tiny, classes=classes)


def test_batches_of_no_image_are_refused(localize, image):
    with pytest.raises(ValueError, match=r'`batch_size` of 1 .* but got 0'):
        localize(image, batch_size=0)


def test_weights_are_needed(tiny):
    with pytest.raises(ValueError, match='Expected `weights`'):
        LocalizationInferencer(tiny[0])


def changed(*steps, size=None):
    """Steps of a pipeline for loaded images, as of types and scales."""
    loader = dict(dataset=dict(pipeline=[dict(step) for step in steps]))
    cfg = Config(dict(test_dataloader=loader))
    new = whole_image_pipeline(cfg, size).test_dataloader.dataset.pipeline
    assert len(cfg.test_dataloader.dataset.pipeline) == len(steps)
    return [(step.type, step.scale) for step in new]


def test_a_pipeline_resizes_the_whole_image_and_reads_no_file():
    loader, host = dict(type='mmscm.LoadImage'), dict(type='LoadImageFromFile')
    resize = dict(type='mmscm.Resize', scale=(8, 6))
    for step in (loader, host):
        assert changed(step, resize) == [('mmscm.Resize', (8, 6))]
    # of data that draws its images; of the backbone: height, width
    assert changed(loader, size=32) == [('mmscm.Resize', (32, 32))]
    assert changed(loader, size=(6, 8)) == [('mmscm.Resize', (8, 6))]
    crop = dict(type='CenterCrop', crop_size=4)
    for steps in ([resize, crop], [loader]):
        with pytest.raises(ValueError, match='the whole image'):
            changed(*steps)


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


def test_a_result_becomes_detections():
    pytest.importorskip('supervision')
    boxes = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    about = {'label': 1, 'class': 'church', 'score': 0.5}
    both = Localization(about, bboxes=boxes, box_scores=np.array([0.1, 0.2]))
    detections = both.to_detections()
    assert (detections.xyxy == boxes).all()
    assert detections.class_id.tolist() == [1, 1]
    assert detections.data['class_name'].tolist() == ['church'] * 2
    assert detections.data['box_score'].tolist() == [0.1, 0.2]
    none = Localization(about, bboxes=np.zeros((0, 4)), box_scores=[])
    assert len(none.to_detections()) == 0


def test_a_model_without_attention_localizes(image, tmp_path):
    model = get_model(tiny_cam())
    localize = LocalizationInferencer(model, device='cpu', classes=CLASSES)
    (result,) = localize(image, show_dir=tmp_path, progress=False)
    assert result['class'] in CLASSES
    assert len(result['bboxes']) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_model_without_classes_finds_its_own_box_of_an_object(image):
    torch.manual_seed(0)
    model = get_model('tokencut_deit-t_imagenette')
    localize = LocalizationInferencer(model, device='cpu')
    (one,) = localize(image, progress=False)
    (two,) = localize(image, progress=False, cam_thr=0.9, return_maps=True)
    assert (one['class'], one['score'], len(one['topk'])) == ('object', 1, 1)
    assert one['bboxes'].shape == (1, 4)
    assert (one['bboxes'] == two['bboxes']).all()
    assert (one['bboxes'] <= [80, 60, 80, 60]).all()
    assert two['map'].shape == image.shape[:2]
    with pytest.raises(ValueError, match='`target`'):
        localize(image, target='dog', progress=False)


@pytest.fixture(scope='module')
def ddt(tmp_path_factory):
    files = tiny_ddt_files(tmp_path_factory.mktemp('ddt'))
    return LocalizationInferencer(*files, device='cpu')


def test_ddt_compares_photos_of_a_class_and_then_localizes_them(ddt, image):
    views = [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]
    photos = [Photo(f'{i}.png', view) for i, view in enumerate(views)]
    labels, found = [1, 0, 1, 1], []
    for given in (labels, [CLASSES[label] for label in labels]):
        target = dict(zip((p.name for p in photos), given, strict=True)).get
        ddt.fit(iter(photos), target, batch_size=2)
        found.append(list(ddt.stream(iter(photos), 3, target=target)))
    for one, two, label in zip(*found, labels, strict=True):
        assert (one['bboxes'] == two['bboxes']).all()
        assert (one['bboxes'] <= [80, 60, 80, 60]).all()
        assert (one['label'], two['class']) == (label, CLASSES[label])
        best = {k: one[k] for k in ('label', 'class', 'score')}
        assert one['topk'][0] == best | dict(score=1)
    # the axis of church, which is the first of the sorted names
    chosen = [views[i] for i, label in enumerate(labels) if label]
    inputs = torch.stack([ddt.load(view)['inputs'] for view in chosen])
    with torch.no_grad():
        data = ddt.model.data_preprocessor(dict(inputs=inputs))
        (maps,) = ddt.model.extract_feat(data['inputs'])
    points = maps.movedim(1, -1).flatten(0, 2).double()
    assert_close(ddt.model.means[0].double(), points.mean(0))
    axis = torch.linalg.svd(points - points.mean(0))[2][0]
    cosine = abs(axis @ ddt.model.axes[0].double())
    assert cosine.item() == pytest.approx(1, abs=1e-4)


def test_ddt_says_that_it_needs_labelled_images(ddt, inferencer, image):
    with pytest.raises(ValueError, match='images with labels'):
        ddt(image, progress=False)
    ddt.model.forget(3)
    with pytest.raises(ValueError, match="the inferencer's `fit`"):
        ddt(image, target=1, progress=False)
    with pytest.raises(ValueError, match='got WSOLClassifier'):
        inferencer.fit(image, str)
