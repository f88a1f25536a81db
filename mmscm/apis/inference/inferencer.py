"""From images to classes, maps and boxes in pixels of the original."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch
from mmengine.config import Config
from mmpretrain.apis import ImageClassificationInferencer
from mmpretrain.apis.base import BaseInferencer
from mmpretrain.structures import DataSample
from mmpretrain.utils import progress as host_progress

from mmscm.apis.inference.classes import ClassNames
from mmscm.apis.inference.inputs import NamedInput, list_inputs, read_image
from mmscm.apis.inference.results import (
    enlarge,
    result_of,
    write_coco_results,
)
from mmscm.apis.inference.setup import (
    DEFAULT_CAM_THR,
    check_threshold,
    default_threshold,
    trained_model,
    whole_image_pipeline,
)
from mmscm.apis.inference.views import predict_views
from mmscm.apis.model_zoo import list_models
from mmscm.models import WSOLClassifier
from mmscm.visualization.overlay import overlay


class LocalizationInferencer(ImageClassificationInferencer):
    """Classify and localize images.

    Args:
        model (str | Path | Config | WSOLClassifier): A name of
            :func:`mmscm.list_models`, a config file, or a model.
        weights (str | Path, optional): Checkpoint, file or URL. Needed
            unless ``model`` is a model or its config has ``load_from``.
        device (str | torch.device, optional): Default is a GPU if there is
            one.
        classes (Sequence[str], optional): Names of the classes. Default is
            those of the checkpoint.
        cam_thr (float, optional): Threshold of the boxes, a fraction of the
            maximum of the map. Default is the one stored in the checkpoint
            for GT-Known, or 0.2.
    """

    preprocess_kwargs: set = set()
    forward_kwargs: set = {'labels', 'flip', 'scales'}
    visualize_kwargs: set = {'show_dir', 'label', 'thr', 'contours'}
    postprocess_kwargs: set = {
        *('label', 'thr', 'contours', 'names', 'topk'),
        *('return_maps', 'out_dir'),
    }

    def __init__(
        self,
        model: str | Path | Config | WSOLClassifier,
        weights: str | Path | None = None,
        device: str | torch.device | None = None,
        classes: Sequence[str] | None = None,
        cam_thr: float | None = None,
    ) -> None:
        device = device or ('cuda' if torch.cuda.is_available() else 'cpu')
        model = trained_model(model, weights, device)
        super().__init__(model, False, device, classes)
        self.labels = ClassNames(self.classes, model.head.num_classes)
        if cam_thr is None:
            cam_thr = default_threshold(
                getattr(model, '_stored_thresholds', None)
            )
        self.cam_thr = check_threshold(cam_thr)

    def __call__(
        self,
        inputs: Any,
        return_datasamples: bool = False,
        batch_size: int = 1,
        *,
        target: int | str | None = None,
        cam_thr: float | None = None,
        all_contours: bool = False,
        topk: int = 5,
        return_maps: bool = False,
        flip: bool = False,
        scales: Sequence[float] = (1.0,),
        show_dir: str | Path | None = None,
        out_dir: str | Path | None = None,
        progress: bool = True,
    ) -> list[dict[str, Any]] | list[DataSample]:
        """Localize one object an image.

        Args:
            inputs (Any): A path, a folder (with all below it), a URL, an
                array (H, W, 3) of uint8 in BGR, a PIL image, or a list.
            return_datasamples (bool): Return the model's own samples.
            batch_size (int): Images a forward pass.
            target (int | str, optional): Class to localize, index or name;
                default is the most probable of each image.
            cam_thr (float, optional): Threshold of this call.
            all_contours (bool): Boxes of all contours, not the largest.
            topk (int): Classes to list.
            return_maps (bool): Add ``map``, float32 in [0, 1] at the size
                of the original image.
            flip (bool): Average with the mirrored image.
            scales (Sequence[float]): Average over sizes of the input.
            show_dir (str | Path, optional): Folder for one picture an image.
            out_dir (str | Path, optional): Folder for ``results.json``, in
                COCO's format of results.
            progress (bool): Show a progress bar.

        Returns:
            list[dict]: For each image ``name``, ``label``, ``class``,
            ``score``, ``bboxes`` xyxy in pixels of the original image,
            ``cam_thr``, ``topk`` (label, class, score), and what
            mmpretrain's inferencer gives (``pred_label``, ...).
        """
        items = list_inputs(inputs)
        label = self.labels.index_of(target)
        thr = check_threshold(self.cam_thr if cam_thr is None else cam_thr)
        options = dict(
            labels=() if label is None else (label,),
            label=label,
            thr=thr,
            contours=all_contours,
            flip=flip,
            scales=scales,
            show_dir=show_dir,
            out_dir=out_dir,
            topk=topk,
            return_maps=return_maps,
            names=[item.name for item in items],
        )
        hidden = host_progress.disable_progress_bar
        host_progress.disable_progress_bar = hidden or not progress
        try:
            return BaseInferencer.__call__(
                self, items, return_datasamples, batch_size, **options
            )
        finally:
            host_progress.disable_progress_bar = hidden

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network input, pixels."""
        blank = np.zeros((8, 8, 3), np.uint8)
        data = self.pipeline(self._load(NamedInput('blank', blank)))
        return tuple(data['inputs'].shape[-2:])

    def preprocess(self, inputs: list[NamedInput], batch_size: int = 1) -> Any:
        """Batches of decoded, resized images."""
        loaded = map(self._load, inputs)
        yield from BaseInferencer.preprocess(self, loaded, batch_size)

    def forward(self, inputs: dict, **options: Any) -> list[DataSample]:
        """Predictions of a batch; see :func:`predict_views`."""
        return predict_views(self.model, inputs, **options)

    def visualize(
        self,
        ori_inputs: list[NamedInput],
        preds: list[DataSample],
        show_dir: str | Path | None = None,
        label: int | None = None,
        thr: float = DEFAULT_CAM_THR,
        contours: bool = False,
    ) -> list[np.ndarray] | None:
        """Pictures in ``show_dir``, RGB; None without it."""
        if show_dir is None:
            return None
        pictures = []
        for item, sample in zip(ori_inputs, preds, strict=True):
            picture = self.draw(read_image(item), sample, label, thr, contours)
            path = Path(show_dir, item.name).with_suffix('.png')
            mmcv.imwrite(picture[..., ::-1], str(path))
            pictures.append(picture)
        return pictures

    def draw(
        self,
        image: np.ndarray,
        sample: DataSample,
        label: int | None,
        cam_thr: float,
        all_contours: bool = False,
    ) -> np.ndarray:
        """One picture, RGB: image and map with boxes, caption.

        Args:
            image (np.ndarray): BGR, uint8, shape (H, W, 3).
            sample (DataSample): Its prediction.
            label (int, optional): Class to show; default is the predicted.
            cam_thr (float): Threshold of the boxes.
            all_contours (bool): See :meth:`__call__`.
        """
        label = int(sample.pred_label) if label is None else label
        found = result_of(sample, label, cam_thr, all_contours)
        caption = f'{self.labels.name_of(label)} {found["score"]:.2f}'
        rgb = np.ascontiguousarray(image[..., ::-1])
        return overlay(rgb, found['score_map'], found['bboxes'], caption)

    def postprocess(
        self,
        preds: list[DataSample],
        visualization: list[np.ndarray] | None,
        return_datasamples: bool = False,
        *,
        names: Sequence[str],
        label: int | None = None,
        thr: float = DEFAULT_CAM_THR,
        contours: bool = False,
        topk: int = 5,
        return_maps: bool = False,
        out_dir: str | Path | None = None,
    ) -> list[dict[str, Any]] | list[DataSample]:
        """Results as :meth:`__call__` returns them."""
        results = super().postprocess(preds, visualization)
        for name, sample, result in zip(names, preds, results, strict=True):
            wanted = result['pred_label'] if label is None else label
            found = result_of(sample, wanted, thr, contours)
            score_map = found.pop('score_map')
            if return_maps:
                result['map'] = enlarge(score_map, sample.ori_shape[:2])
            result.update(found, name=name, cam_thr=thr)
            result['class'] = self.labels.name_of(wanted)
            result['topk'] = self.labels.ranking(sample.pred_score, topk)
        if out_dir is not None:
            write_coco_results(results, Path(out_dir, 'results.json'))
        return preds if return_datasamples else results

    def _load(self, item: NamedInput) -> dict:
        image = read_image(item)
        shape = image.shape[:2]
        return dict(img=image, img_shape=shape, ori_shape=shape)

    def _init_pipeline(self, cfg: Config) -> Callable:
        """The config's test pipeline, resizing where it does not."""
        size = getattr(self.model.backbone, 'img_size', None)
        return super()._init_pipeline(whole_image_pipeline(cfg, size))

    @staticmethod
    def list_models(pattern: str | None = None) -> list[str]:
        """Names that ``model`` takes."""
        return list_models(pattern or '*')
