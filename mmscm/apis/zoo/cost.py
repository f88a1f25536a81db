"""What a config costs: multiply-adds, parameters, hours of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmengine.analysis import FlopAnalyzer, parameter_count
from mmengine.config import Config

from mmscm.apis.config_parts import final_size
from mmscm.apis.model_zoo import get_model, read_config
from mmscm.registry import DATASETS

# Operations a second, 1e12, without sparsity: NVIDIA's data sheet of the A100.
# PyTorch multiplies float32 matrices without TF32 unless told otherwise.
A100_PEAK = {'float32': 19.5, 'float16': 312.0}
SUSTAINED = 0.3  # share of the peak that a training reaches; assumed


class ModelCost(NamedTuple):
    """One image through the plain transformer and the head, as at test.

    Attributes:
        input_size (tuple[int, int]): Height and width, pixels.
        flops (int): Multiply-adds, which is what metafiles of OpenMMLab call
            FLOPs; GELU, softmax and additions are not counted.
        parameters (int): All of the model, the neck's scalars too.
    """

    input_size: tuple[int, int]
    flops: int
    parameters: int


def model_cost(model: str | Path | Config) -> ModelCost:
    """Trace one image through the model of a config, on the CPU.

    Args:
        model (str | Path | Config): What :func:`mmscm.get_model` takes.

    Returns:
        ModelCost: At the size that the test pipeline gives.
    """
    cfg = read_config(model)
    size = input_size(cfg)
    built = get_model(cfg)
    analyzer = FlopAnalyzer(built, (torch.zeros(1, 3, *size),))
    analyzer.set_op_handle(
        'aten::scaled_dot_product_attention', _attention_flops
    )
    analyzer.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return ModelCost(size, int(analyzer.total()), parameter_count(built)[''])


def input_size(cfg: Config) -> tuple[int, int]:
    """Height and width of the test images, pixels."""
    dataset = cfg.test_dataloader.dataset
    size = final_size(dataset.pipeline)
    if size is None:  # drawn at the size of the input
        size = tuple(DATASETS.build(dataset)[0]['inputs'].shape[-2:])
    return size


def training_hours(
    flops: int,
    images: int,
    epochs: int,
    gpus: int = 8,
    precision: str = 'float32',
) -> float:
    """Estimate a training on A100s: 3 x 2 x flops x images x epochs / rate.

    Backward is taken as twice forward, a multiply-add as two operations, the
    rate as ``SUSTAINED`` of all GPUs' peak. Reading images, validation and
    communication are left out.

    Args:
        flops (int): Multiply-adds of one image forward.
        images (int): Training images.
        epochs (int): Passes over them.
        gpus (int): How many A100s.
        precision (str): 'float32', or 'float16' for ``--amp``.

    Returns:
        float: Hours.
    """
    if precision not in A100_PEAK:
        raise ValueError(
            f'Expected `precision` to be one of {tuple(A100_PEAK)}, but got '
            f'{precision!r}.'
        )
    rate = gpus * SUSTAINED * A100_PEAK[precision] * 1e12
    return 3 * 2 * flops * images * epochs / rate / 3600


def _attention_flops(inputs: list[Any], outputs: list[Any]) -> int:
    """q k^T and its product with v; mmengine does not know the fused op."""
    query, key, value = (i.type().sizes() for i in inputs[:3])
    batch, heads, tokens, width = query
    return batch * heads * tokens * key[2] * (width + value[3])
