"""Write a checkout with what the pages expect to be there, made small."""

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
    'CHECKPOINT': 'work_dirs/scm/vit-micro_toy/epoch_2.pth',
    'WORK_DIR...': 'work_dirs/scm/vit-micro_toy',
    'FOLDER': 'figures',
    'MAPS_FOLDER': 'maps',
    'SRC': str(ROOT / 'tests/data/parity/tscam_weights_fp16.pth'),
    'DST': 'converted.pth',
}
LINKS = (
    'tools',
    'examples',
    'docs',
    'configs/_base_',
    'configs/scm/deit-s_cub.py',
    'configs/scm/vit-micro_toy.py',
    'configs/scm/vit-micro_imagenette.py',
    'configs/tscam/vit-micro_toy.py',
)
SPLIT = {
    'image_ids.txt': 'a.jpg\nb.jpg\n',
    'class_labels.txt': 'a.jpg,0\nb.jpg,1\n',
    'image_sizes.txt': 'a.jpg,80,60\nb.jpg,80,60\n',
    'localization.txt': 'a.jpg,10,10,50,40\nb.jpg,5,5,70,50\n',
}


def write_checkout(folder: Path) -> None:
    """Tools, configs, runs of the demo, maps and photos of the reader."""
    for name in LINKS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(ROOT / name)
    write_saved_files(folder)
    write_checkpoint(folder / PLACEHOLDERS['CHECKPOINT'])
    for method in ('scm', 'tscam'):
        path = folder / 'work_dirs' / 'demo' / method / 'epoch_2.pth'
        config = write_checkpoint(path, f'{method}_vit-micro_toy')
        config.dump(path.parent / 'vit-micro_toy.py')
    log = folder / 'work_dirs/demo/scm/20260101/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text('{"step": 1, "scm/lambda_0": 1.0, "scm/beta_0": 0.5}\n')
    best = torch.load(folder / PLACEHOLDERS['CHECKPOINT'], weights_only=True)
    stored = dict(split='val', cam_thrs={'wsol/gt_known': 0.35})
    best['meta']['cam_thrs'] = stored
    torch.save(best, folder / 'best_wsol_gt_known_epoch_9.pth')
    write_maps(folder)
    write_own_folder(folder / 'data' / 'mine')


def write_saved_files(folder: Path) -> None:
    """The first Python block behind each "Save this as"."""
    saved = r'Save this as `(.+?)`.*?```python\n(.*?)```'
    for path in pages():
        for name, block in re.findall(saved, path.read_text(), re.DOTALL):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block)


def write_checkpoint(path: Path, name: str = 'scm_vit-micro_toy'):
    """Random weights with the names of classes; returns their config."""
    model = get_model(name)
    path.parent.mkdir(parents=True)
    meta = dict(dataset_meta=dict(classes=[f'mark {i}' for i in range(10)]))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)
    return model._config


def write_maps(folder: Path) -> None:
    """Maps, predictions and boxes of two images, and the images."""
    split = folder / 'data' / 'wsol_metadata' / 'CUB' / 'test'
    split.mkdir(parents=True)
    for name, text in SPLIT.items():
        (split / name).write_text(text)
    (folder / 'top5.csv').write_text('a.jpg,0,1,2,3,4\nb.jpg,1,0,2,3,4\n')
    (folder / 'maps').mkdir()
    noise = np.random.default_rng(0).random((2, 14, 14), np.float32)
    for seed, name in enumerate('ab'):
        np.save(folder / 'maps' / f'{name}.npy', noise[seed])
        write_image(folder / 'photos' / f'{name}.png', seed)
    write_image(folder / 'photo.png')
    image = cv2.imread(str(folder / 'photo.png'))[..., ::-1]
    np.save(folder / 'photo.npy', image)


def write_own_folder(folder: Path) -> None:
    """Five images of each of two classes, with a box each."""
    lines = []
    for label, name in enumerate(('cat', 'dog')):
        for index in range(5):
            key = f'images/{name}/{index:04d}.jpg'
            write_image(folder / key, 100 * label + index)
            lines.append(f'{key},8,5,60,50\n')
    (folder / 'boxes.txt').write_text(''.join(lines))


def write_image(path: Path, seed: int = 0) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.resize(noise, (80, 60)))
