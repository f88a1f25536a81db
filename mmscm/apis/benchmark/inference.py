"""Images to localization maps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .dense_model import DenseModel
from .setting import DTYPES, Setting
from .timing import Row, compare


def benchmark_inference(setting: Setting) -> dict[str, list[Row]]:
    """Scores and localization maps of a batch.

    The dense model maps all classes, as the released code does.

    Args:
        setting (Setting): All of it is read.

    Returns:
        dict[str, list[Row]]: 'times'.
    """
    images, samples = setting.inputs()
    model = setting.model('scm').eval()
    dense = DenseModel(model).eval()

    def all_maps() -> tuple[Tensor, Tensor]:
        semantic, attention = dense.maps(images)
        scores = semantic.mean((2, 3)).softmax(-1)
        return scores, semantic * attention[:, None]

    def needed_maps() -> list:
        return model.predict(images, [sample.clone() for sample in samples])

    variants = {'dense float32': _run(all_maps, torch.float32)}
    for name, dtype in DTYPES.items():
        variants[f'mmscm {name}'] = _run(needed_maps, dtype)
    case = f'{setting.img_size} px'
    times = compare(case, variants, setting.rounds, setting.clock)
    return dict(times=times)


def _run(
    predict: Callable[[], object], dtype: torch.dtype
) -> Callable[[], object]:
    @torch.inference_mode()
    def run() -> object:
        with torch.autocast('cpu', dtype, enabled=dtype != torch.float32):
            return predict()

    return run
