"""A config and a checkpoint of a model that predicts in milliseconds."""

from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from small_models import RESNET, vit_arch

from mmscm import get_model

CLASSES = ('tench', 'church', 'golf ball')


def tiny_config(neck: bool = True) -> Config:
    """Two layers, 4 x 4 patches of 8 px, three classes."""
    model = dict(
        type='mmscm.WSOLClassifier',
        backbone=dict(
            type='mmscm.AttentionViT',
            arch=vit_arch(24, 2, 2, 48),
            img_size=32,
            patch_size=8,
        ),
        head=dict(type='mmscm.SemanticHead', num_classes=3, in_channels=24),
        **(dict(neck=dict(type='mmscm.SCM', num_blocks=2)) if neck else {}),
    )
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='mmscm.Resize', scale=(32, 32)),
        dict(type='PackInputs'),
    ]
    dataset = dict(type='mmscm.WSOLMetadata', pipeline=pipeline)
    pixels = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
    return Config(
        dict(
            default_scope='mmpretrain',
            model=model,
            data_preprocessor=dict(num_classes=3, to_rgb=True, **pixels),
            test_dataloader=dict(dataset=dataset),
        )
    )


def tiny_cam() -> Config:
    """A CNN, which has no attention, in its place: 2 x 2."""
    config = tiny_config(neck=False)
    config.model = dict(
        type='mmscm.WSOLClassifier',
        backbone=RESNET,
        head=dict(type='mmscm.CAMHead', num_classes=3, in_channels=128),
    )
    return config


def tiny_ddt_files(folder: Path) -> tuple[str, str]:
    """DDT of three classes on 8 x 8 features, as :func:`tiny_files`."""
    config, weights = folder / 'ddt.py', folder / 'ddt.pth'
    changed = tiny_cam()
    changed.model = dict(
        type='mmscm.DDTLocalizer',
        backbone=changed.model.backbone | dict(strides=(1, 1, 1, 1)),
        num_classes=3,
        in_channels=128,
    )
    changed.dump(config)
    torch.manual_seed(0)
    state = get_model(str(config)).state_dict()
    # of other classes: public weights are those of a classifier
    meta = dict(dataset_meta=dict(classes=['a', 'b']))
    torch.save(dict(meta=meta, state_dict=state), weights)
    return str(config), str(weights)


def smooth_image(
    size: tuple[int, int], cells: tuple[int, int], seed: int = 0
) -> np.ndarray:
    """Noise of few cells (rows, columns), enlarged to (width, height)."""
    noise = np.random.default_rng(seed).integers(0, 256, (*cells, 3), np.uint8)
    return cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)


def tiny_files(folder: Path, neck: bool = True) -> tuple[str, str]:
    """The config and a checkpoint with random weights, seed 0, as files.

    The checkpoint has names of classes and the threshold 0.4.
    """
    config, weights = folder / 'tiny.py', folder / 'tiny.pth'
    tiny_config(neck).dump(config)
    torch.manual_seed(0)
    model = get_model(str(config))
    for parameter in model.backbone.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    meta = dict(
        dataset_meta=dict(classes=CLASSES),
        cam_thrs=dict(split='val', cam_thrs={'wsol/gt_known': 0.4}),
    )
    torch.save(dict(meta=meta, state_dict=model.state_dict()), weights)
    return str(config), str(weights)
