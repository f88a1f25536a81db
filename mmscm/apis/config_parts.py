"""What the parts of a config say about each other, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mmengine.config import Config
from mmengine.registry import METRICS
from torch import nn

from mmscm.apis.config_data import SPLITS, datasets_of

# transforms that fix the size of the image, by the argument that has it
SIZES = {
    'Resize': 'scale',
    'RandomResizedCrop': 'scale',
    'CenterCrop': 'crop_size',
    'RandomCrop': 'crop_size',
}


def check_evaluators(cfg: Config) -> None:
    """Refuse a set without metrics, and metrics that cannot be built.

    Args:
        cfg (Config): Complete.
    """
    for split in SPLITS[1:]:
        loader, evaluator = f'{split}_dataloader', f'{split}_evaluator'
        for given, missing in ((loader, evaluator), (evaluator, loader)):
            if cfg.get(given) and not cfg.get(missing):
                raise ValueError(
                    f'Expected `{missing}` in the config beside `{given}`, '
                    f'but got {cfg.get(missing)!r}.'
                )
        metrics = cfg.get(evaluator) or []
        for metric in metrics if isinstance(metrics, list) else [metrics]:
            if str(metric.get('type')).startswith('mmscm.'):
                METRICS.build(metric)  # checks thresholds and protocol


def check_num_classes(cfg: Config, model: nn.Module) -> None:
    """Compare the head with what the config says elsewhere.

    Args:
        cfg (Config): Complete.
        model (nn.Module): Built from it.
    """
    count = getattr(getattr(model, 'head', None), 'num_classes', None)
    if count is None:
        return
    for place, other in _class_counts(cfg):
        if other != count:
            raise ValueError(
                f'Expected as many classes in {place} as '
                f'`model.head.num_classes`, {count}, but got {other}.'
            )


def _class_counts(cfg: Config) -> Iterator[tuple[str, int]]:
    """Every number of classes in a config but the head's, by place."""
    preprocessor = cfg.get('data_preprocessor') or {}
    if preprocessor.get('num_classes'):
        yield '`data_preprocessor.num_classes`', preprocessor['num_classes']
    for place, dataset in datasets_of(cfg, *SPLITS):
        if dataset.get('num_classes'):
            yield f'`{place}.num_classes`', dataset['num_classes']
        if isinstance(dataset.get('classes'), (list, tuple)):
            yield f'`{place}.classes`', len(dataset['classes'])


def check_image_size(cfg: Config, model: nn.Module) -> None:
    """Refuse pipelines whose images the patches do not cover.

    Args:
        cfg (Config): Complete.
        model (nn.Module): Built from it; a backbone may have
            ``patch_size``, (height, width).
    """
    backbone = getattr(model, 'backbone', None)
    patch = getattr(backbone, 'patch_size', ())
    for place, dataset in datasets_of(cfg, *SPLITS) if patch else ():
        size = final_size(dataset.get('pipeline') or ())
        if size and any(s % p for s, p in zip(size, patch, strict=True)):
            raise ValueError(
                f'Expected images of whole patches of {patch} pixels from '
                f'`{place}.pipeline`, but got {size} (height, width): the '
                'rest would be cut off.'
            )


def final_size(pipeline: Sequence[dict]) -> tuple[int, int] | None:
    """Height and width after the last step that fixes them."""
    size = None
    for step in pipeline:
        name = str(step.get('type')).split('.')[-1]
        given = step.get(SIZES.get(name, ''))
        if isinstance(given, int):
            size = (given, given)
        elif given is not None:
            # (width, height) for Resize only
            size = tuple(given)[:: -1 if name == 'Resize' else 1]
    return size
