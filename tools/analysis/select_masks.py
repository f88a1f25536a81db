#!/usr/bin/env python
"""Replace maps by masks: select_masks.py MAPS MASKS OUT.

For every image the mask that fits its localization map best, of any
class-agnostic segmenter (SAM and others), becomes the map. Files go by the
ids of the images: MAPS/ID.npy (H, W) at patch resolution, MASKS/ID.npy or .npz
(M, H_img, W_img) with M masks, OUT/ID.npy (H_img, W_img). Score them with
tools/analysis/eval_maps.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mmscm.functional.masks import best_mask


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('maps', type=Path, help='folder of maps')
    parser.add_argument('masks', type=Path, help='folder of masks')
    parser.add_argument('out', type=Path, help='folder to write')
    parser.add_argument(
        '--bound',
        type=float,
        default=0.2,
        help='a cell is object above this part of the range (default: 0.2)',
    )
    return parser.parse_args()


def load_masks(folder: Path, name: Path) -> torch.Tensor:
    """Masks of an image, (M, H, W); nothing in the file can run code."""
    for path in (folder / name, (folder / name).with_suffix('.npz')):
        if path.is_file():
            loaded = np.load(path, allow_pickle=False)
            array = (
                loaded if path.suffix == '.npy' else loaded[loaded.files[0]]
            )
            return torch.from_numpy(array > 0)
    raise FileNotFoundError(
        f'Expected masks of {name.with_suffix("")}, but got neither '
        f'{folder / name} nor an .npz file of that name.'
    )


def main() -> None:
    args = parse_args()
    names = sorted(p.relative_to(args.maps) for p in args.maps.rglob('*.npy'))
    if not names:
        raise FileNotFoundError(
            f'Expected a folder of .npy maps, but got {args.maps} with none.'
        )
    ious = []
    for name in names:
        score_map = torch.from_numpy(np.load(args.maps / name)).float()
        masks = load_masks(args.masks, name)
        best, iou = best_mask(masks, score_map, args.bound)
        ious.append(iou)
        target = args.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        np.save(target, masks[best].numpy().astype(np.float32))
    print(f'{len(names)} images, mean IoU of mask and map {np.mean(ious):.3f}')
    print(args.out)


if __name__ == '__main__':
    main()
