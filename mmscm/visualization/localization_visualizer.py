"""Draw localization results, driven by mmpretrain's hook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch
from mmpretrain.structures import DataSample
from mmpretrain.visualization import UniversalVisualizer

from mmscm.functional.boxes import boxes_from_map, pairwise_iou
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.registry import VISUALIZERS

from .panels import Boxes, panel


@VISUALIZERS.register_module()
class LocalizationVisualizer(UniversalVisualizer):
    """Image with boxes, F0, S0 and localization map side by side.

    A model without attention has image and map only. True boxes are green,
    the predicted one is red. A wrong prediction is followed by the true
    class: ``trout 0.51 / tench``.

    Args:
        name (str): Name of this visualizer in mmengine's manager.
        cam_thr (float): Threshold of the drawn box, a fraction of the map's
            maximum. A test draws at that of the checkpoint, if it has one.
        side (int): Side of a panel, pixels.
        **kwargs: Those of mmengine's Visualizer.
    """

    def __init__(
        self,
        name: str = 'visualizer',
        cam_thr: float = 0.2,
        side: int = 224,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.cam_thr = cam_thr
        self.side = side

    # on every process, each of which has other images
    def visualize_cls(
        self,
        image: np.ndarray,
        data_sample: DataSample,
        classes: list[str] | None = None,
        name: str = '',
        step: int = 0,
        out_file: str | None = None,
        **kwargs,
    ) -> np.ndarray:
        """Draw one result, to a file or else to the backends.

        Args:
            image (np.ndarray): BGR as the pipelines load it, uint8, shape
                (H, W, 3).
            data_sample (DataSample): With the fields that ``predict`` of
                WSOLClassifier gives; ``gt_bboxes`` in pixels of ``image``.
            classes (list[str], optional): Names; of the data set if None.
            name (str): Name of the picture in the backends.
            step (int): Step in the backends.
            out_file (str, optional): Where to save the picture, below which
                it lies in the folders of its image.
            **kwargs: Options of mmpretrain's other drawings are ignored.

        Returns:
            np.ndarray: RGB, shape (side + 22, 4 side, 3), or 2 panels.
        """
        image = np.ascontiguousarray(image[..., ::-1])
        classes = classes or (self.dataset_meta or {}).get('classes')
        picture = self.draw(image, data_sample, classes)
        self.set_image(picture)
        if out_file is None:
            path = Path(data_sample.get('img_path', ''))
            name = '_'.join(path.parts[-2:]) or name  # its class, its file
            self.add_image(name, picture, step=step)
        else:  # the backends would write it once more
            mmcv.imwrite(picture[..., ::-1], _below(out_file, data_sample))
        return picture

    def draw(
        self, image: np.ndarray, sample: DataSample, classes: list[str] | None
    ) -> np.ndarray:
        """The panels of one RGB image; see :meth:`visualize_cls`."""
        score_map = sample.localization_maps[0].cpu()
        boxes = Boxes(predicted=self.box(score_map, image.shape[:2]))
        if 'pred_bboxes' in sample:  # not cut from the map
            factors = np.divide(image.shape[1::-1], sample.img_shape[1::-1])
            ready = np.asarray(sample.pred_bboxes[:1].cpu(), np.float64)
            boxes.predicted = ready * np.tile(factors, 2)
        if 'gt_bboxes' in sample:
            boxes.true = np.asarray(sample.gt_bboxes, np.float64)
        views = [(_prediction(sample, classes), None, boxes)]
        if 'attention_map' in sample:
            views += [
                ('attention F0', sample.attention_map.cpu(), None),
                ('semantic S0', sample.semantic_maps[0].cpu(), None),
            ]
        name = 'F0 x S0' if 'attention_map' in sample else 'map'
        caption = f'{name} > {self.cam_thr:.2g}'
        if len(boxes.true):
            ious = pairwise_iou(boxes.predicted, boxes.true, inclusive=True)
            caption += f', IoU {ious.max():.2f}'
        views.append((caption, score_map, boxes))
        panels = [
            panel(image, caption, self.side, plane, drawn)
            for caption, plane, drawn in views
        ]
        return np.concatenate(panels, axis=1)

    def box(
        self, score_map: torch.Tensor, size: tuple[int, int]
    ) -> np.ndarray:
        """Box of the largest component, xyxy pixels, shape (1, 4)."""
        scores = min_max_normalize(resize_maps(score_map, size)).numpy()
        return boxes_from_map(scores, [self.cam_thr])[0]


def _below(out_file: str, sample: DataSample) -> str:
    """The file in the folders of its image: names repeat in other ones."""
    source, target = Path(sample.get('img_path', '')), Path(out_file)
    outside = '..', source.anchor
    folders = [p for p in source.parent.parts if p not in outside]
    name = target.name
    if not source.name and 'sample_idx' in sample:
        # mmpretrain's count starts anew in a smaller last batch
        name = f'{sample.sample_idx}_{name.rpartition("_")[2]}'
    return str(target.parent.joinpath(*folders, name))


def _prediction(sample: DataSample, classes: list[str] | None) -> str:
    if 'pred_score' not in sample:
        known = int(sample.gt_label) if 'gt_label' in sample else None
        return 'object' if known is None else _name(known, classes)
    label = int(sample.pred_label)
    text = f'{_name(label, classes)} {float(sample.pred_score[label]):.2f}'
    if 'gt_label' in sample and int(sample.gt_label) != label:
        text += f' / {_name(int(sample.gt_label), classes)}'
    return text


def _name(label: int, classes: list[str] | None) -> str:
    return classes[label] if classes else f'class {label}'
