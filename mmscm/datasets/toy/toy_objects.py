"""Render animals whose class shows in small marks only."""

from __future__ import annotations

import numpy as np
from mmpretrain.datasets import BaseDataset

from mmscm.registry import DATASETS

from .rendering import render_scene

SPLITS = ('train', 'val', 'test')


@DATASETS.register_module()
class ToyObjects(BaseDataset):
    """Animals rendered on the fly, with exact boxes and masks.

    An animal is a body with head, tail and legs under a fur that says
    nothing about the class; the class is the colour and shape of two small
    marks, on head and rump. A classifier has no reason to look at more than
    the marks, while the patches of the body resemble one another and not the
    background: the partial activation of Sec. 1 of the paper in small.

    An image depends on ``seed``, ``split`` and its index only; nothing is
    read from or written to disk.

    Args:
        split (str): 'train', 'val' or 'test'.
        length (int): Number of images.
        num_classes (int): Image i is of class i modulo this number.
        img_size (int): Side of the square images, pixels.
        seed (int): Another seed gives other images.
        **kwargs: Arguments of the host's ``BaseDataset``; the pipeline loads
            no image.

    A sample has ``img`` (uint8 BGR, (H, W, 3)), ``img_shape``,
    ``ori_shape``, ``gt_label`` (int), ``gt_bboxes`` (float32 xyxy pixels,
    (1, 4)) and ``gt_mask`` (uint8, 1 on the object, (H, W)).
    """

    def __init__(
        self,
        split: str = 'train',
        length: int = 1000,
        num_classes: int = 10,
        img_size: int = 112,
        seed: int = 0,
        **kwargs,
    ) -> None:
        if split not in SPLITS:
            raise ValueError(f'Expected `split` in {SPLITS}, got {split!r}.')
        sizes = dict(length=length, num_classes=num_classes, img_size=img_size)
        for name, value in sizes.items():
            if not (isinstance(value, int) and value > 0):
                raise ValueError(
                    f'Expected `{name}` a positive int, got {value!r}.'
                )
        self.split = split
        self.length = length
        self.num_classes = num_classes
        self.img_size = img_size
        self.seed = seed
        names = tuple(f'mark {i}' for i in range(num_classes))
        super().__init__(ann_file='', classes=names, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Number and label of every image; pixels come with the image."""
        count = self.num_classes
        return [dict(scene=i, gt_label=i % count) for i in range(self.length)]

    def prepare_data(self, idx: int) -> dict:
        """Render an image and send it through the pipeline."""
        info = self.get_data_info(idx)
        return self.pipeline({**info, **self.render(info['scene'])})

    def render(self, scene: int) -> dict:
        """Pixels, box and mask of one scene, by its number."""
        seeds = [self.seed, SPLITS.index(self.split), scene]
        rng, label = np.random.default_rng(seeds), scene % self.num_classes
        img, mask, box = render_scene(
            label, self.num_classes, self.img_size, rng
        )
        shapes = dict.fromkeys(('img_shape', 'ori_shape'), img.shape[:2])
        return dict(img=img, gt_bboxes=box[None], gt_mask=mask, **shapes)
