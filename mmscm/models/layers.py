"""Find a layer of a backbone by name, and run again what follows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isqrt

from mmpretrain.models.backbones import (
    VGG,
    MobileNetV2,
    ResNet,
    TIMMBackbone,
    VisionTransformer,
)
from torch import Tensor, nn

# Their layers are registered in the order in which they run, each on the
# output of the one before; classes of this project say `layers_in_order`.
IN_ORDER = (ResNet, VGG, MobileNetV2)
IN_ORDER_TIMM = ('EfficientNet',)


def find_layer(backbone: nn.Module, name: str) -> nn.Module:
    """A layer by its name in the backbone, such as ``layer4.0``.

    Of a TIMMBackbone the names are those in its timm model.
    """
    root = getattr(backbone, 'timm_model', backbone)
    modules = dict(root.named_modules())
    if name not in modules or not name:
        raise _unknown(name, root, _layers(root))
    return modules[name]


class Tap:
    """Keeps the output of one layer in a backbone's pass, until it is taken.

    It is no module: as an attribute of one it registers nothing.
    """

    def __init__(self, backbone: nn.Module, name: str) -> None:
        self._kept: list[Tensor] = []
        backbone.register_forward_pre_hook(self._begin)
        find_layer(backbone, name).register_forward_hook(self._keep)

    def take(self) -> Tensor:
        """Output of the layer in this pass, given once."""
        return self._kept.pop()

    def _begin(self, backbone: nn.Module, inputs: tuple) -> None:
        self._kept = []

    def _keep(self, layer: nn.Module, inputs: tuple, output: Tensor) -> None:
        if not self._kept:  # not that of a tail, which runs later
            self._kept = [output]


class InputTap(Tap):
    """A :class:`Tap` of what one layer takes, such as a head's last one."""

    def __init__(self, backbone: nn.Module, layer: nn.Module) -> None:
        self._kept: list[Tensor] = []
        backbone.register_forward_pre_hook(self._begin)
        layer.register_forward_pre_hook(self._keep_input)

    def _keep_input(self, layer: nn.Module, inputs: tuple) -> None:
        self._keep(layer, inputs, inputs[0])


class Tail(Tap):
    """The part of a backbone after one layer, to be run a second time.

    What it takes as a :class:`Tap` is that layer's output.

    Args:
        backbone (nn.Module): ResNet, VGG, MobileNetV2, VisionTransformer and
            their kind, WSOLInceptionV3, or a TIMMBackbone of EfficientNet.
        after (str): Name of a layer or a stage; the tail begins behind it.
    """

    def __init__(self, backbone: nn.Module, after: str) -> None:
        layers = _in_order(backbone)
        inside = [f'{name}.'.startswith(f'{after}.') for name, _ in layers]
        if not any(inside):
            raise _unknown(after, backbone, layers)
        start = len(inside) - inside[::-1].index(True)
        super().__init__(backbone, layers[start - 1][0])
        self.layers = [layer for _, layer in layers[start:]]

    def __call__(self, feature: Tensor) -> Tensor:
        """Output (B, D, H, W) of the backbone if the layer gave this one."""
        for layer in self.layers:
            feature = layer(feature)
        return feature


class PatchMap(nn.Module):
    """Tokens of a square image, (B, T, D), to their map, (B, D, H, W)."""

    def __init__(self, num_extra_tokens: int) -> None:
        super().__init__()
        self.num_extra_tokens = num_extra_tokens

    def forward(self, tokens: Tensor) -> Tensor:
        """Drop leading tokens that are no patches and lay out the others."""
        patches = tokens[:, self.num_extra_tokens :].mT
        return patches.unflatten(2, (isqrt(patches.shape[2]), -1))


def _in_order(backbone: nn.Module) -> list[tuple[str, nn.Module]]:
    """Names and layers of a backbone in the order in which they run."""
    if isinstance(backbone, VisionTransformer):
        layers = list(_layers(nn.ModuleDict(dict(layers=backbone.layers))))
        if backbone.final_norm:
            layers.append(('ln1', backbone.ln1))
        return [*layers, ('', PatchMap(backbone.num_extra_tokens))]
    root = getattr(backbone, 'timm_model', backbone)
    known = isinstance(backbone, IN_ORDER)
    if isinstance(backbone, TIMMBackbone):
        known = type(root).__name__ in IN_ORDER_TIMM
    if not getattr(backbone, 'layers_in_order', known):
        raise ValueError(
            'Expected a backbone whose layers run one after the other '
            '(ResNet, VGG, MobileNetV2, VisionTransformer, WSOLInceptionV3, '
            f"timm's EfficientNet), but got {type(root).__name__}."
        )
    return list(_layers(root))


def _layers(module: nn.Module, path: str = '') -> Iterator[tuple]:
    """Names and layers, containers opened."""
    for key, child in module.named_children():
        name = f'{path}{key}'
        if isinstance(child, nn.Sequential | nn.ModuleList):
            yield from _layers(child, f'{name}.')
        else:
            yield name, child


def _unknown(name: str, backbone: nn.Module, layers: Iterable) -> ValueError:
    return ValueError(
        f'Expected a layer of {type(backbone).__name__}, but got {name!r}. '
        f'Its layers: {", ".join(key for key, _ in layers)}.'
    )
