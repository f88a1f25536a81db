"""What an inferencer takes from a config and a checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import print_log

from mmscm.apis.model_zoo import get_model, load_weights
from mmscm.engine.thresholds import StoredThresholds
from mmscm.models import WSOLClassifier

DEFAULT_CAM_THR = 0.2
STORED_KEY = 'wsol/gt_known'  # the calibrated value that one box is about
LOADERS = ('LoadImage', 'LoadImageFromFile')
CROPS = ('CenterCrop', 'RandomCrop', 'RandomResizedCrop', 'ResizeEdge')


def trained_model(
    model: str | Path | Config | WSOLClassifier,
    weights: str | Path | None,
    device: str | torch.device,
) -> WSOLClassifier:
    """A model with weights; only one that is given built may lack them."""
    if isinstance(model, WSOLClassifier):
        if weights is not None:
            load_weights(model, weights)
        return model.to(device)
    built = get_model(model)
    weights = weights or built._config.get('load_from')
    if weights is None:
        raise ValueError(
            f'Expected `weights` for the model {model}, but got none. Training'
            ' writes checkpoints into its work directory.'
        )
    load_weights(built, weights)
    return built.to(device)


def whole_image_pipeline(
    cfg: Config, img_size: int | Sequence[int] | None
) -> Config:
    """The config with a test pipeline for images of any size.

    Args:
        cfg (Config): Has ``test_dataloader.dataset.pipeline``.
        img_size (int | Sequence[int], optional): Height and width of the
            network input, for a pipeline that does not resize because its
            data set draws its images.

    Returns:
        Config: A copy with the test data loader only.
    """
    cfg = Config(dict(test_dataloader=deepcopy(cfg.test_dataloader)))
    dataset = cfg.test_dataloader.dataset
    # images arrive loaded
    dataset.pipeline = [s for s in dataset.pipeline if _name(s) not in LOADERS]
    names = [_name(step) for step in dataset.pipeline]
    if set(names) & set(CROPS) or not ('Resize' in names or img_size):
        raise ValueError(
            'Expected a test pipeline that shows the network the whole '
            f'image, resized, but got {names}.'
        )
    if 'Resize' not in names:
        size = img_size if isinstance(img_size, Sequence) else (img_size,) * 2
        resize = dict(type='mmscm.Resize', scale=tuple(size)[::-1])
        dataset.pipeline = [resize, *dataset.pipeline]
    return cfg


def _name(step: dict) -> str:
    return step['type'].split('.')[-1]


def default_threshold(stored: StoredThresholds | None) -> float:
    """The threshold stored with the weights, or else 0.2, said aloud."""
    if stored is not None and STORED_KEY in stored.cam_thrs:
        return check_threshold(stored.cam_thrs[STORED_KEY])
    print_log(
        f'No threshold is stored with the weights; {DEFAULT_CAM_THR} is '
        'used. tools/calibrate.py chooses one on the val split.',
        logger='current',
        level=logging.WARNING,
    )
    return DEFAULT_CAM_THR


def check_threshold(cam_thr: float) -> float:
    """The threshold, if it is a fraction."""
    if not 0 <= cam_thr <= 1:
        raise ValueError(
            'Expected `cam_thr` in [0, 1], a fraction of the maximum of the '
            f'map, but got {cam_thr}.'
        )
    return cam_thr
