"""ONNX files equal the model and stand alone."""

import json
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from export import Localizer, export_onnx, largest_difference
from small_models import RESNET, TIMM, WIDTH, build
from tiny_model import CLASSES, smooth_image
from torch.testing import assert_close

from mmscm import LocalizationInferencer, get_model
from mmscm.models import CAMHead

onnxruntime = pytest.importorskip('onnxruntime')
pytest.importorskip('onnxscript')

EXAMPLE = Path(__file__).parents[2] / 'examples' / 'onnx_box.py'
TINY = dict(TIMM, patch_size=32)
FOUR, TWO = (dict(backbone=dict(arch=dict(num_layers=n))) for n in (4, 2))
NARROW, LAST = dict(head=dict(in_channels=24)), dict(TINY)
LAST['attention_layers'] = (-1,)
STAND_ALONE = """
import runpy, sys
sys.argv = ['onnx_box.py', {!r}, {!r}]
runpy.run_path({!r}, run_name='__main__')
banned = 'torch', 'cv2', 'onnx'
print(sorted(m for m in sys.modules if m[:2] == 'mm' or m in banned))
"""


@pytest.fixture(scope='module')
def exported(tmp_path_factory, inferencer):
    path = tmp_path_factory.mktemp('onnx') / 'tiny.onnx'
    export_onnx(inferencer.model, path, inferencer.input_size, 0.4)
    return path, inferencer


@pytest.mark.parametrize('batch', [1, 3])
def test_onnxruntime_equals_torch(exported, batch):
    path, inferencer = exported
    assert largest_difference(inferencer.model, path, batch) < 1e-4


def test_outputs_are_those_of_predict(exported):
    path, inferencer = exported
    images = torch.randint(0, 256, (2, 3, 32, 32)).float()
    session = onnxruntime.InferenceSession(str(path))
    logits, maps = session.run(None, {'images': images.numpy()})
    model = inferencer.model
    # the model's own input is BGR
    samples = model.test_step({'inputs': images.flip(1), 'data_samples': None})
    for sample, scores, planes in zip(samples, logits, maps, strict=True):
        assert_close(sample.pred_score, torch.from_numpy(scores).softmax(0))
        planes = torch.from_numpy(planes)[sample.map_labels]
        assert_close(sample.localization_maps, planes, atol=1e-4, rtol=1e-4)


def test_scm_is_not_in_the_file(exported):
    import onnx

    path, inferencer = exported
    stored = {w.name for w in onnx.load(str(path)).graph.initializer}
    assert any('conv' in name for name in stored)
    assert not [n for n in stored if 'lambda' in n or 'beta' in n]
    weights = sum(p.numel() for p in Localizer(inferencer.model).parameters())
    assert path.stat().st_size < 4 * weights + 300_000


def test_the_file_says_its_classes_size_and_threshold(exported):
    session = onnxruntime.InferenceSession(str(exported[0]))
    meta = session.get_modelmeta().custom_metadata_map
    assert json.loads(meta['classes']) == list(CLASSES)
    assert json.loads(meta['input_size']) == [32, 32]
    assert float(meta['cam_thr']) == 0.4


@pytest.mark.parametrize('seed', range(5))
def test_the_example_finds_the_inferencer_s_box(exported, seed):
    path, inferencer = exported
    localize = runpy.run_path(str(EXAMPLE))['localize']
    image = smooth_image((70, 50), (5, 6), seed)
    (expected,) = inferencer(image, progress=False)
    session = onnxruntime.InferenceSession(str(path))
    name, score, box = localize(session, image[..., ::-1])
    assert name == expected['class']
    assert score == pytest.approx(expected['score'], abs=0.01)
    pixel = np.array([70 / 32, 50 / 32] * 2)  # one of the network input
    assert (np.abs(box - expected['bboxes'][0]) <= pixel + 0.01).all()


def test_largest_component_wins():
    find = runpy.run_path(str(EXAMPLE))['largest_component']
    mask = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0]])
    assert find(mask > 0).nonzero()[0].tolist() == [2, 3, 3]  # 8-neighbours
    assert not find(mask < 0).any()


@pytest.mark.slow
def test_the_file_runs_with_numpy_and_onnxruntime_only(exported, tmp_path):
    np.save(tmp_path / 'image.npy', smooth_image((70, 50), (5, 6)))
    names = exported[0], tmp_path / 'image.npy', EXAMPLE
    code = STAND_ALONE.format(*map(str, names))
    command = [sys.executable, '-c', code]
    printed = subprocess.check_output(command, cwd=tmp_path, text=True)
    first, loaded = printed.splitlines()
    assert first.startswith(CLASSES)
    assert loaded == '[]'


def test_a_model_that_keeps_its_neck_is_refused(tiny):
    model = get_model(tiny[0], test_blocks=dict(logits=2))
    with pytest.raises(ValueError, match='drops its neck'):
        Localizer(model)


def cam(**settings):
    head = dict(in_channels=WIDTH, num_classes=3)
    return build(RESNET, head, **settings).eval()


@torch.no_grad()
def test_a_model_without_attention_gives_the_maps_of_its_classes():
    model = cam(data_preprocessor=dict(mean=[0.0] * 3, std=[1.0] * 3))
    images = torch.rand(2, 3, 64, 64)
    logits, maps = Localizer(model)(images.flip(1))
    for index, sample in enumerate(model.predict(images)):
        assert_close(sample.pred_score, logits[index].softmax(0))
        chosen = maps[index, sample.map_labels]
        assert_close(sample.localization_maps, chosen)


def test_a_head_with_maps_of_its_own_is_refused(monkeypatch):
    class OwnMaps(CAMHead):
        def class_maps(self, tokens, semantic, labels):
            return []

    model = cam()
    monkeypatch.setattr(model.head, '__class__', OwnMaps)
    with pytest.raises(ValueError, match='got OwnMaps'):
        Localizer(model)


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'changes'),
    [
        ('sat_vit-micro_toy', FOUR),  # it gates the last three
        ('lctr_vit-micro_toy', TWO),
        ('trilite_deit-t_imagenette', dict(NARROW, backbone=TINY)),
        ('attention_deit-t_imagenet', dict(NARROW, backbone=LAST)),
    ],
)
def test_other_rows_equal_torch(name, changes, tmp_path):
    torch.manual_seed(0)
    inferencer = LocalizationInferencer(get_model(name, **changes))
    path = tmp_path / 'x.onnx'
    size = (112, 112) if 'toy' in name else inferencer.input_size
    export_onnx(inferencer.model, path, size, 0.2)
    assert largest_difference(inferencer.model, path, 2) < 1e-4


SMALL = dict(num_stages=2, strides=(1, 1), dilations=(1, 1), out_indices=(1,))
STAGES = dict(SMALL, out_indices=(0, 1))
CAM = dict(backbone=SMALL, head=dict(in_channels=64))
FUSED = dict(backbone=STAGES, head=dict(in_channels=(32, 64)))
REGRESSOR = dict(backbone=SMALL, in_channels=64)
TEACHER = dict(FUSED, head=dict(FUSED['head'], deep_teacher=True))
LISTENING = dict(CAM, head=dict(CAM['head'], after=('layer1', 'layer2')))
late = partial(pytest.param, marks=pytest.mark.nightly)  # seconds each


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'outputs', 'changes'),
    [
        ('gc-net', ['logits', 'boxes'], dict(REGRESSOR, classifier=CAM)),
        ('psol', ['boxes'], REGRESSOR),
        ('spa', ['logits', 'maps'], LISTENING),
        ('spol', ['logits', 'maps'], TEACHER),
        late('c2am', ['logits', 'maps'], FUSED),
        late('da-wsol', ['logits', 'maps'], CAM),
        late('i2c', ['logits', 'maps'], CAM),
        late('spol_masks', ['logits', 'maps'], FUSED),
    ],
)
def test_cnn_rows_equal_torch(name, outputs, changes, tmp_path):
    torch.manual_seed(0)
    method, _, stage = name.partition('_')
    config = '_'.join(filter(None, (method, 'resnet-micro_toy', stage)))
    model = get_model(config, **changes)
    path = tmp_path / 'x.onnx'
    export_onnx(model, path, (64, 64), 0.2)
    session = onnxruntime.InferenceSession(str(path))
    assert [output.name for output in session.get_outputs()] == outputs
    # of an untrained network maps are all alike; SPA scales them four times
    bound = 1e-2 if name == 'spa' else 1e-3
    assert largest_difference(model, path, 2) < bound
    localize = runpy.run_path(str(EXAMPLE))['localize']
    known, _, box = localize(session, np.zeros((32, 128, 3), np.uint8))
    assert (known == 'object') == ('logits' not in outputs)
    if 'boxes' in outputs:
        black = dict(inputs=torch.zeros(1, 3, 64, 64), data_samples=None)
        (sample,) = model.test_step(black)
        expected = sample.pred_bboxes[0] * torch.tensor([2, 0.5] * 2)
        assert box == pytest.approx(expected.tolist(), abs=1e-2)


@pytest.mark.parametrize('name', ['lost_deit-t', 'ddt_efficientnet-lite0'])
def test_a_search_for_a_box_is_not_exported(name):
    with pytest.raises(ValueError, match='Localizer, which searches'):
        Localizer(get_model(f'{name}_imagenette'))
