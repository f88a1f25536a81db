"""Is this a backbone that localization can use? Asked before it runs."""

from __future__ import annotations

from torch import nn

from mmscm.registry import MODELS

EXAMPLES = 'mmscm.AttentionViT, mmscm.AttentionTIMM, mmscm.AttentionConformer'


def check_backbone(backbone: nn.Module, head: nn.Module) -> None:
    """Refuse the host's own backbones, and tokens of another width.

    Args:
        backbone (nn.Module): To return patch tokens and the attention of the
            class token, ``embed_dims`` wide if it has that attribute.
        head (nn.Module): With a convolution ``conv`` over the tokens.
    """
    if type(backbone).__module__.startswith('mmpretrain.'):
        name = type(backbone).__name__
        raise ValueError(
            'Expected a backbone that returns a grid of patch tokens and the '
            f"attention of a class token, but got mmpretrain's {name}. "
            f'{_advice(type(backbone))}'
        )
    width = getattr(backbone, 'embed_dims', None)
    expected = head.conv.in_channels
    if width is not None and width != expected:
        raise ValueError(
            f'Expected `head.in_channels` {width}, the width of the '
            f"backbone's tokens, but got {expected}."
        )


def _advice(kind: type) -> str:
    own = [
        f'mmscm.{name}'
        for name, found in MODELS.module_dict.items()
        if kind in found.__bases__
    ]
    if own:
        return f'With attention it is {" or ".join(own)}.'
    return f'It has neither. Those that have: {EXAMPLES}.'
