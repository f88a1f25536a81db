#!/usr/bin/env python
"""Replace maps by masks: select_masks.py MAPS MASKS OUT.

For every image the mask that fits its localization map best, of any
class-agnostic segmenter (SAM and others), becomes the map. Files go by the
ids of the images: MAPS/ID.npy (H, W) at patch resolution, MASKS/ID.npy or .npz
(M, H_img, W_img) with M masks, OUT/ID.npy (H_img, W_img). Score them with
tools/analysis/eval_maps.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmscm.functional.maps import min_max_normalize
from mmscm.options import make_parser


def best_mask(
    masks: Tensor, score_map: Tensor, bound: float = 0.2
) -> tuple[int, float]:
    """The mask of largest IoU with a map (Pro2SAM, ECCV 2024).

    Masks are reduced to the grid of the map; a cell is in a mask if any part
    of it is (bilinear, above 0), and in the map if its score is above the
    bound.

    Args:
        masks (Tensor): Of any segmenter, bool, shape (M, H_img, W_img).
        score_map (Tensor): Localization map at patch resolution, shape
            (H, W).
        bound (float): Fraction of the map's range.

    Returns:
        tuple[int, float]: Number of the mask and its IoU; the first of
        equals.
    """
    if masks.ndim != 3 or not masks.numel():
        raise ValueError(
            'Expected masks of shape (M, H, W), but got shape '
            f'{tuple(masks.shape)}.'
        )
    reduced = F.interpolate(
        masks[None].float(), size=score_map.shape, mode='bilinear'
    )
    inside = reduced[0] > 0  # (M, H, W)
    wanted = min_max_normalize(score_map) > bound
    shared = (inside & wanted).sum((1, 2))
    ious = shared / (inside | wanted).sum((1, 2)).clamp(min=1)
    best = int(ious.argmax())
    return best, float(ious[best])


def load_masks(folder: Path, name: Path) -> Tensor:
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
    parser = make_parser(__doc__)
    parser.add_argument('maps', type=Path, help='folder of maps')
    parser.add_argument('masks', type=Path, help='folder of masks')
    parser.add_argument('out', type=Path, help='folder to write')
    parser.add_argument(
        '--bound',
        type=float,
        default=0.2,
        help='a cell is object above this part of the range (default: 0.2)',
    )
    args = parser.parse_args()
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
