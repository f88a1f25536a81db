#!/usr/bin/env python
"""Write pseudo masks of the train split: pseudo_masks.py CONFIG CHECKPOINT.

Stage two of SPOL learns them: what the map of an image's class says, with a
Gaussian where it is weak. Any method with maps will do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from rich.progress import track

from mmscm import get_model
from mmscm.apis import load_config
from mmscm.apis.model_zoo import load_weights
from mmscm.datasets.pseudo_masks import pseudo_mask_path, write_pseudo_mask
from mmscm.functional.gaussian_prior import OBJECT, pseudo_mask
from mmscm.models import WSOLClassifier
from mmscm.options import OptionAction


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add('config', help='config file or its name')
    add('checkpoint', help='checkpoint file')
    out = 'folder of the masks (default: <work dir of the config>/masks)'
    add('--out-dir', type=Path, help=out)
    add('--device', help='default: a GPU if there is one')
    options = dict(nargs='+', action=OptionAction, metavar='KEY=VALUE')
    add('--cfg-options', **options)
    return parser.parse_args()


def train_images(cfg: Config) -> dict:
    """The loader of the train split, each image once and whole."""
    pipeline = [
        step
        for step in cfg.test_dataloader.dataset.pipeline
        if not step.type.endswith('LoadLocalizationMask')
    ]
    dataset = dict(cfg.train_dataloader.dataset, pipeline=pipeline)
    order = dict(type='DefaultSampler', shuffle=False)
    loading = dict(dataset=dataset, sampler=order, drop_last=False)
    # torch warns of pinned memory on a CPU
    return {**cfg.train_dataloader, **loading, 'pin_memory': False}


@torch.no_grad()
def class_maps(
    model: WSOLClassifier, batches: Iterable[dict]
) -> Iterator[tuple[dict, np.ndarray]]:
    """Image and map (h, w) of its class, one after the other."""
    for batch in batches:
        data = model.data_preprocessor(batch, False)
        samples = model.predict(data['inputs'], data['data_samples'])
        for sample in samples:
            (place,) = (sample.map_labels == sample.gt_label).nonzero()[0]
            plane = sample.localization_maps[place].float().cpu()
            yield sample.to_dict(), plane.numpy()


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, options=args.cfg_options)
    out = args.out_dir or Path(cfg.work_dir, 'masks')
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    model = get_model(cfg)
    load_weights(model, args.checkpoint)
    model.to(device).eval()
    loader = Runner.build_dataloader(train_images(cfg), seed=0)
    shares = []
    total = len(loader.dataset)
    for sample, plane in track(class_maps(model, loader), 'Masks', total):
        mask = pseudo_mask(plane)
        write_pseudo_mask(pseudo_mask_path(out, sample), mask)
        shares.append([(mask == OBJECT).mean(), (mask > OBJECT).mean()])
    inside, neither = 100 * np.mean(shares, 0)
    print(f'{total} masks: {inside:.1f} % object, {neither:.1f} % neither')
    print(out)


if __name__ == '__main__':
    main()
