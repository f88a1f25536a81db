#!/usr/bin/env python
"""Draw several models on the same test images.

python tools/analysis/picture_sheet.py OUT.png \\
    --model TS-CAM CONFIG CHECKPOINT 0.3 --model SCM CONFIG CHECKPOINT 0.25
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import mmcv
import numpy as np
import torch
from mmengine.dataset import pseudo_collate

from mmscm.apis import build_runner, load_config, set_testing
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.visualization import LocalizationVisualizer
from mmscm.visualization.panels import caption_strip

SIDE = 160  # of a panel, pixels


def picture_sheet(
    models: Iterable[tuple[str, str, str, float]], num_images: int = 10
) -> np.ndarray:
    """Image, F0, S0 and map of every model on the same test images.

    Args:
        models (Iterable[tuple[str, str, str, float]]): Title, config file,
            checkpoint and the threshold of the boxes; the test set is the
            one of each config.
        num_images (int): Rows, spread evenly over the test set.

    Returns:
        np.ndarray: RGB, uint8; the columns of a model below its title.
    """
    columns = [draw_column(*model, num_images) for model in models]
    height, width, _ = np.max([column.shape for column in columns], axis=0)
    canvas = np.full((height, len(columns), width, 3), 255, np.uint8)
    for index, column in enumerate(columns):
        canvas[: column.shape[0], index, : column.shape[1]] = column
    return canvas.reshape(height, -1, 3)


@torch.no_grad()
def draw_column(
    title: str, config: str, checkpoint: str, cam_thr: float, num_images: int
) -> np.ndarray:
    """All pictures of one model below its title, RGB."""
    cfg = load_config(config)
    set_testing(cfg, checkpoint)
    cfg.work_dir = str(Path(checkpoint).parent)
    cfg.experiment_name = f'sheet_{title}'
    cfg.log_level = 'WARNING'
    runner = build_runner(cfg)
    runner.load_or_resume()
    runner.model.eval()
    dataset = runner.test_dataloader.dataset
    artist = LocalizationVisualizer(f'sheet {title}', cam_thr, SIDE)
    rows = [caption_strip(title, 4 * SIDE)]
    for index in spread(len(dataset), num_images):
        batch = pseudo_collate([dataset[index]])
        image = batch['inputs'][0].permute(1, 2, 0).numpy()[..., ::-1]
        (sample,) = runner.model.test_step(batch)
        classes = dataset.metainfo.get('classes')
        rows.append(artist.draw(np.ascontiguousarray(image), sample, classes))
    return np.concatenate(rows)


def spread(length: int, count: int) -> list[int]:
    """Up to ``count`` indices, evenly over ``range(length)``."""
    return np.linspace(0, length - 1, min(count, length)).astype(int).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('out', help='PNG to write')
    parser.add_argument(
        '--model',
        nargs=4,
        action='append',
        required=True,
        metavar=('TITLE', 'CONFIG', 'CHECKPOINT', 'CAM_THR'),
        help='a model and the threshold of its boxes, a fraction of the\n'
        "map's maximum; once for every model",
    )
    parser.add_argument(
        '--num-images', type=int, default=10, help='rows (default: 10)'
    )
    args = parser.parse_args()
    refuse_code_in_checkpoints()
    models = [(*model, float(cam_thr)) for *model, cam_thr in args.model]
    picture = picture_sheet(models, args.num_images)
    mmcv.imwrite(picture[..., ::-1], args.out)
    print(f'written to {args.out}')


if __name__ == '__main__':
    main()
