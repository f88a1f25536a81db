#!/usr/bin/env python
"""Draw several models on the same test images.

python tools/analysis/picture_sheet.py OUT.png \\
    --model TS-CAM CONFIG CHECKPOINT 0.3 --model SCM CONFIG CHECKPOINT 0.25
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mmcv
import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.runner import Runner

from mmscm.apis import build_runner, load_config, set_testing
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.visualization import LocalizationVisualizer
from mmscm.visualization.panels import caption_strip


@dataclass(frozen=True)
class SheetModel:
    """One model of a sheet.

    Attributes:
        title (str): Heading of its columns.
        config (str): Config file.
        checkpoint (str): Its weights.
        cam_thr (float): Threshold of the boxes drawn.
    """

    title: str
    config: str
    checkpoint: str
    cam_thr: float


def write_picture_sheet(
    models: Sequence[SheetModel],
    out_file: str | Path,
    num_images: int = 10,
    side: int = 160,
) -> None:
    """Draw image, F0, S0 and map of every model on the same test images.

    Args:
        models (Sequence[SheetModel]): The models; the test set is the
            first one's.
        out_file (str | Path): PNG to write.
        num_images (int): Rows, spread evenly over the test set.
        side (int): Side of a panel, pixels.
    """
    columns = [draw_column(model, num_images, side) for model in models]
    height, width = (
        max(column.shape[axis] for column in columns) for axis in (0, 1)
    )
    canvas = np.full((height, len(columns) * width, 3), 255, np.uint8)
    for index, column in enumerate(columns):
        rows, cols = column.shape[:2]
        canvas[:rows, index * width : index * width + cols] = column
    mmcv.imwrite(canvas[..., ::-1], str(out_file))


@torch.no_grad()
def draw_column(model: SheetModel, num_images: int, side: int) -> np.ndarray:
    """All pictures of one model below its title, RGB."""
    runner = _load(model)
    dataset = runner.test_dataloader.dataset
    artist = LocalizationVisualizer(
        name=f'sheet {model.title}', cam_thr=model.cam_thr, side=side
    )
    classes = dataset.metainfo.get('classes')
    rows = [caption_strip(model.title, 4 * side)]
    for index in spread(len(dataset), num_images):
        batch = pseudo_collate([dataset[index]])
        image = batch['inputs'][0].permute(1, 2, 0).numpy()[..., ::-1]
        (sample,) = runner.model.test_step(batch)
        rows.append(artist.draw(np.ascontiguousarray(image), sample, classes))
    return np.concatenate(rows)


def spread(length: int, count: int) -> list[int]:
    """Up to ``count`` indices, evenly over ``range(length)``."""
    return np.linspace(0, length - 1, min(count, length)).astype(int).tolist()


def _load(model: SheetModel) -> Runner:
    cfg = load_config(model.config)
    set_testing(cfg, model.checkpoint)
    cfg.work_dir = str(Path(model.checkpoint).parent)
    cfg.experiment_name = f'sheet_{model.title}'
    cfg.log_level = 'WARNING'
    runner = build_runner(cfg)
    runner.load_or_resume()
    runner.model.eval()
    return runner


def parse_args() -> argparse.Namespace:
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
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    refuse_code_in_checkpoints()
    models = [
        SheetModel(title, config, checkpoint, float(cam_thr))
        for title, config, checkpoint, cam_thr in args.model
    ]
    write_picture_sheet(models, args.out, args.num_images)
    print(f'written to {args.out}')


if __name__ == '__main__':
    main()
