"""Read weights in the layouts that checkpoints have, and see what fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

WRAPPERS = ('state_dict', 'model')  # mmengine and timm; DeiT and Conformer
PREFIXES = ('module.', '_orig_mod.')  # DataParallel and torch.compile
NEARLY_ALL = 0.9  # of a backbone's weights


def weights_of(checkpoint: Any) -> dict[str, Tensor]:
    """The weights of a checkpoint by the names of the bare model.

    It has names to tensors, bare or under ``state_dict`` or ``model``, with
    or without the prefixes of wrapped models, which are left out.
    """
    for key in WRAPPERS:
        inner = checkpoint.get(key) if isinstance(checkpoint, dict) else None
        checkpoint = inner if isinstance(inner, Mapping) else checkpoint
    if not isinstance(checkpoint, Mapping) or not checkpoint:
        raise ValueError(
            'Expected a dict of weights, bare or under `state_dict` or '
            f'`model`, but got {type(checkpoint).__name__}.'
        )
    return {_bare(str(name)): value for name, value in checkpoint.items()}


def bare(model: nn.Module) -> nn.Module:
    """A model without the wrapper that several processes put around it."""
    return getattr(model, 'module', model)


def backbone_weights(
    backbone: nn.Module, weights: Mapping[str, Tensor], source: str
) -> dict[str, Tensor]:
    """Those weights that a backbone starts with, which are nearly all.

    Args:
        backbone (nn.Module): What is to be filled.
        weights (Mapping[str, Tensor]): Of :func:`weights_of`, of a whole
            model or of a backbone alone.
        source (str): What an error calls them.

    Returns:
        dict[str, Tensor]: By the names of the backbone; a ValueError where
        less than nearly all fit.
    """
    own = below('backbone', weights) or weights
    needed = backbone.state_dict()
    names = [n for n, weight in needed.items() if fits(n, weight, own.get(n))]
    found = {name: own[name] for name in names}
    if len(found) < NEARLY_ALL * len(needed):
        missing = [name for name in needed if name not in found]
        raise ValueError(
            f'Expected {source} to fill the backbone, but got '
            f'{len(found)} of its {len(needed)} weights: it lacks '
            f'{_listing(missing, needed)}; the file has '
            f'{_listing(list(own), own)}. Weights in the names of timm or of '
            'the released code: tools/model_converters/convert_released.py.'
        )
    return found


def below(
    prefix: str | None, weights: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Weights whose names begin with ``prefix``, without it."""
    prefix = f'{(prefix or "").rstrip(".")}.'
    names = [name for name in weights if name.startswith(prefix)]
    return {name.removeprefix(prefix): weights[name] for name in names}


def fits(name: str, needed: Tensor, given: Tensor | None) -> bool:
    """Whether a weight can be loaded into its place."""
    if given is None:
        return False
    # transformers resize their position embedding while they load it
    resized = name.endswith('pos_embed')
    return resized or needed.shape == getattr(given, 'shape', None)


def _bare(name: str) -> str:
    while name.startswith(PREFIXES):
        name = name.partition('.')[2]
    return name.replace('._orig_mod.', '.')


def _listing(names: list[str], weights: Mapping[str, Tensor]) -> str:
    shown = [
        f'{name} {tuple(getattr(weights[name], "shape", ()))}'
        for name in names[:3]
    ]
    return ', '.join(shown) + (' ...' if len(names) > 3 else '')
