"""Refuse options and parts of a classifier that do not fit together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from mmpretrain.models.classifiers import ImageClassifier

ATTENTION_NORMS = ('min_max', 'raw')
LOCALIZERS = ('product', 'semantic', 'attention', 'pc1')
ATTENDING = ('product', 'attention')  # those that need attention
TEST_BLOCKS = dict(logits=0, semantic=0, attention=0)


def check_options(model: ImageClassifier) -> None:
    """Refuse unknown names, and blocks that the neck does not have."""
    names = dict(attention_norm=ATTENTION_NORMS, localize_with=LOCALIZERS)
    for key, known in names.items():
        value = getattr(model, key)
        if value not in known:
            raise ValueError(
                f'Expected `{key}` to be one of {known}, but got {value!r}.'
            )
    blocks = model.test_blocks
    limit = len(model.neck.blocks) if model.with_neck else 0
    inside = all(0 <= n <= limit for n in blocks.values())
    if not inside or blocks.keys() != TEST_BLOCKS.keys():
        raise ValueError(
            f'Expected `test_blocks` of {[*TEST_BLOCKS]} to be between 0 and '
            f'the {limit} blocks of the neck, but got {blocks}.'
        )


def check_parts(model: ImageClassifier) -> None:
    """Refuse a backbone without the maps, or mixed images under labels."""
    name = type(model.backbone).__name__
    out_type = getattr(model.backbone, 'out_type', 'featmap')
    if out_type != 'featmap':
        raise ValueError(
            f'Expected a backbone that returns a feature map, but got {name} '
            f"with `out_type` = {out_type!r}; set 'featmap', or take "
            'mmscm.AttentionViT, which returns attention as well.'
        )
    needs = model.with_neck or model.localize_with in ATTENDING
    if needs and not model.returns_attention:
        raise ValueError(
            'Expected a backbone that returns attention for the neck and '
            f'`localize_with` = {model.localize_with!r}, such as '
            f'mmscm.AttentionViT or mmscm.AttentionTIMM, but got {name}.'
        )
    mixes = model.data_preprocessor.batch_augments is not None
    for part in (model.head, *model.regularizers):
        if mixes and getattr(part, 'needs_labels', False):
            raise ValueError(
                f'Expected no batch augments under {type(part).__name__}, '
                'which needs the label of every image, but got `train_cfg` '
                'with augments that mix images.'
            )


def check_normalization(data_preprocessor: Any) -> None:
    """Warn of settings for pixels from 0 to 1."""
    if not isinstance(data_preprocessor, dict):
        return
    mean = data_preprocessor.get('mean') or 0
    std = data_preprocessor.get('std') or 1
    if 0 < np.max(mean) <= 1 or np.max(std) < 1:
        warnings.warn(
            'Expected `data_preprocessor` with mean and std of pixels from 0 '
            f'to 255, but got {mean} and {std}, as for pixels from 0 to 1.',
            stacklevel=3,
        )
