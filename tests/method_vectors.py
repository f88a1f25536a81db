"""Reference results of other systems' released code, float64."""

import zlib
from ast import literal_eval
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).parent / 'data' / 'parity' / 'methods'


def vectors(name: str) -> dict[str, torch.Tensor | np.ndarray]:
    """Arrays of one file: floats as float64, names as they are."""
    with np.load(FOLDER / f'{name}.npz') as file:
        return {key: _tensor(file[key]) for key in file}


def _tensor(array: np.ndarray) -> torch.Tensor | np.ndarray:
    if array.dtype.kind == 'U':
        return array
    tensor = torch.from_numpy(array)
    return tensor.double() if tensor.is_floating_point() else tensor


def weight(name: str, shape: tuple[int, ...], seed: int = 1) -> torch.Tensor:
    """Weight of that name in the networks that the vectors are of.

    Norms 1 + 0.1 n, biases 0.1 n, others n sqrt(2 / fan_in) with n standard
    normal and seeded by the name, running variances 1 + 0.2 u with u uniform;
    rounded to float32, as float64.
    """
    random = _random(name, seed)
    if name.endswith('running_var'):
        value = 1 + 0.2 * random.rand(*shape)
    elif len(shape) > 1:
        value = random.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
    else:
        value = 0.1 * random.randn(*shape) + name.endswith('.weight')
    return torch.from_numpy(value.astype(np.float32)).double()


def image(name: str, shape: tuple[int, ...], seed: int = 1) -> torch.Tensor:
    """Images of the networks whose vectors hold none, uint8.

    0.7 of a coarse and 0.3 of a fine noise, in cells of 16 pixels.
    """
    random = _random(name, seed)
    *lead, height, width = shape
    coarse = random.rand(*lead, -(-height // 16), -(-width // 16))
    coarse = coarse.repeat(16, 2).repeat(16, 3)[..., :height, :width]
    noise = 255 * (0.7 * coarse + 0.3 * random.rand(*shape))
    return torch.from_numpy(noise.clip(0, 255).astype(np.uint8))


def released_weights(arrays: dict) -> dict[str, torch.Tensor]:
    """Weights of a network under its released names, float64."""
    shapes = zip(arrays['state_names'], arrays['state_shapes'], strict=True)
    return {
        str(name): weight(str(name), literal_eval(str(shape)))
        for name, shape in shapes
        if not name.endswith('num_batches_tracked')
    }


def to_input(images: torch.Tensor) -> torch.Tensor:
    """Images, uint8, as the network's input."""
    return (images.double() - 128) / 64


def probe(name: str, gradient: torch.Tensor, seed: int = 1) -> torch.Tensor:
    """Sum, l2 norm and a dot product that stand for a gradient, (3,)."""
    values = gradient.detach().double().flatten()
    direction = _random('probe:' + name, seed).randn(values.numel())
    dot = values @ torch.from_numpy(direction)
    return torch.stack([values.sum(), values.norm(), dot])


def _random(name: str, seed: int) -> np.random.RandomState:
    return np.random.RandomState((zlib.crc32(name.encode()) + seed) % 2**32)
