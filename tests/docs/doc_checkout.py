"""A checkout with what the pages expect to be there, made small."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import torch
from doc_blocks import ROOT, pages

from mmscm import get_model

# What stands for the reader's own in a page.
PLACEHOLDERS = {
    'CONFIG': 'configs/scm/vit-micro_toy.py',
    'CHECKPOINT': 'work_dirs/scm/vit-micro_toy/epoch_3.pth',
    'WORK_DIR...': 'work_dirs/scm/vit-micro_toy',
    'FOLDER': 'curves',
    'MAPS_FOLDER': 'maps',
    'SRC': str(ROOT / 'tests/data/parity/tscam_weights_fp16.pth'),
    'DST': 'converted.pth',
}
SPLIT = {
    'image_ids.txt': 'a.jpg\nb.jpg\n',
    'class_labels.txt': 'a.jpg,0\nb.jpg,1\n',
    'image_sizes.txt': 'a.jpg,80,60\nb.jpg,80,60\n',
    'localization.txt': 'a.jpg,10,10,50,40\nb.jpg,5,5,70,50\n',
}


def write_checkout(folder: Path) -> None:
    """Tools and configs, a checkpoint, maps of two images, and photos."""
    for name in ('tools', 'examples', 'docs', 'configs/_base_'):
        link(folder, name)
    for method in ('scm', 'tscam'):
        link(folder, f'configs/{method}/vit-micro_toy.py')
    write_saved_files(folder)
    write_checkpoint(folder / PLACEHOLDERS['CHECKPOINT'])
    write_maps(folder)


def link(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(ROOT / name)


def write_saved_files(folder: Path) -> None:
    """The first Python block behind each "Save this as"."""
    saved = r'Save this as `(.+?)`.*?```python\n(.*?)```'
    for path in pages():
        for name, block in re.findall(saved, path.read_text(), re.DOTALL):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block)


def write_checkpoint(path: Path) -> None:
    """Random weights with the names of classes."""
    model = get_model('scm_vit-micro_toy')
    path.parent.mkdir(parents=True)
    meta = dict(dataset_meta=dict(classes=[f'mark {i}' for i in range(10)]))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)


def write_maps(folder: Path) -> None:
    """Maps, predictions and boxes of two images; the maps as photos too."""
    split = folder / 'data' / 'wsol_metadata' / 'CUB' / 'test'
    split.mkdir(parents=True)
    for name, text in SPLIT.items():
        (split / name).write_text(text)
    (folder / 'top5.csv').write_text('a.jpg,0,1,2,3,4\nb.jpg,1,0,2,3,4\n')
    noise = np.random.default_rng(0).random((2, 14, 14), np.float32)
    for name in ('maps', 'photos'):
        (folder / name).mkdir()
    for name, plane in zip('ab', noise, strict=True):
        np.save(folder / 'maps' / f'{name}.npy', plane)
        pixels = (plane * 255).astype(np.uint8)
        cv2.imwrite(str(folder / 'photos' / f'{name}.png'), pixels)
