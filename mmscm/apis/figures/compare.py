"""Several models on the user's own images, side by side (Fig. 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmscm.apis.inference.inferencer import LocalizationInferencer
from mmscm.apis.inference.inputs import list_inputs, read_image
from mmscm.apis.inference.results import result_of
from mmscm.visualization.panels import Boxes, caption_strip, panel


def compare_figure(
    inferencers: Mapping[str, LocalizationInferencer],
    images: Any,
    target: int | str | None = None,
    side: int = 200,
) -> np.ndarray:
    """A row an image: the image, then map and box of every model.

    Args:
        inferencers (Mapping[str, LocalizationInferencer]): By title.
        images (Any): What an inferencer takes.
        target (int | str, optional): Class; default is what each predicts.
        side (int): Side of a panel, pixels.

    Returns:
        np.ndarray: RGB, uint8.
    """
    items = list_inputs(images)
    heads = [caption_strip(title, side) for title in ('', *inferencers)]
    rows = [np.concatenate(heads, axis=1)]
    sources = [item.source for item in items]
    predictions: list[list[Any]] = [
        model(sources, True, target=target, progress=False)
        for model in inferencers.values()
    ]
    for index, item in enumerate(items):
        rgb = np.ascontiguousarray(read_image(item)[..., ::-1])
        cells = [panel(rgb, item.name, side)]
        for model, samples in zip(
            inferencers.values(), predictions, strict=True
        ):
            label = model.labels.index_of(target)
            sample = samples[index]
            label = int(sample.pred_label) if label is None else label
            found = result_of(sample, label, model.cam_thr)
            caption = f'{model.labels.name_of(label)} {found["score"]:.2f}'
            boxes = Boxes(predicted=found['bboxes'])
            cells.append(panel(rgb, caption, side, found['score_map'], boxes))
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)
