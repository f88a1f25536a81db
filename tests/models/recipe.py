"""Weights and probes of tests/data/parity/methods, from numpy alone.

Every tensor depends on its own name in the released code only:
``weight('features.0.weight', (64, 3, 3, 3))``.
"""

import zlib
from ast import literal_eval
from pathlib import Path

import numpy as np
import torch

DATA = Path(__file__).parents[1] / 'data' / 'parity' / 'methods'
SEED = 1


def vectors(name):
    """Arrays of one file, as tensors where they are numbers."""
    with np.load(DATA / f'{name}_A.npz') as file:
        return {
            key: value if value.dtype.kind == 'U' else torch.from_numpy(value)
            for key, value in ((key, file[key]) for key in file)
        }


def images(arrays):
    """The images of a file, exact in float32 and float64."""
    return (arrays['images'].double() - 128) / 64


def weights(arrays):
    """Released name to weight, without the counters of batch norms."""
    shapes = zip(arrays['state_names'], arrays['state_shapes'], strict=True)
    return {
        str(name): weight(str(name), literal_eval(str(shape)))
        for name, shape in shapes
        if not name.endswith('num_batches_tracked')
    }


def weight(name, shape):
    """One entry of a state dict in float64, rounded to float32."""
    last = name.rsplit('.', 1)[-1]
    random = _random(name)
    if last == 'running_var':
        value = 1 + 0.2 * random.rand(*shape)
    elif len(shape) > 1:
        fan_in = np.prod(shape[1:])
        value = random.randn(*shape) * np.sqrt(2 / fan_in)
    else:
        value = random.randn(*shape) * 0.1 + (last == 'weight')
    return torch.from_numpy(np.float64(np.float32(value)))


def probe(name, gradient, samples=8):
    """Sum, l2 norm, dot with fixed noise and evenly spaced entries."""
    values = gradient.double().numpy().ravel()
    noise = _random(f'probe:{name}').randn(values.size)
    count = min(samples, values.size)
    where = np.linspace(0, values.size - 1, count).round().astype(int)
    found = np.full(3 + samples, np.nan)
    found[:3] = values.sum(), np.sqrt((values * values).sum()), values @ noise
    found[3 : 3 + count] = values[where]
    return torch.from_numpy(found)


def _random(name):
    seed = (zlib.crc32(name.encode()) + SEED) % 2**32
    return np.random.RandomState(seed)
