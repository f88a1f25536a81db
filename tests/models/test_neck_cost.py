"""What a block costs: launches on a GPU, memory kept for backward."""

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

from mmscm.functional import diffusion
from mmscm.models import ActivationDiffusionBlock

FREE = ('empty', 'new_empty', '_unsafe_view')


class LaunchCounter(TorchDispatchMode):
    """Counts operators that write memory; views are free."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        returned = func._schema.returns
        is_view = returned and all(
            value.alias_info is not None and not value.alias_info.is_write
            for value in returned
        )
        self.count += not (is_view or func.__name__.startswith(FREE))
        return func(*args, **(kwargs or {}))


def run_block(side, channels=8):
    block = ActivationDiffusionBlock()
    semantic = torch.randn(2, channels, side, side, requires_grad=True)
    attention = torch.rand(2, side, side, requires_grad=True)
    outputs = block(semantic, attention)
    torch.autograd.backward(outputs, [torch.ones_like(o) for o in outputs])


@pytest.mark.parametrize(
    ('kind', 'limit'), [('_DenseMatrix', 120), ('_StencilMatrix', 275)]
)
def test_launches_of_a_block_forward_and_backward(monkeypatch, kind, limit):
    # the dense form is what a GPU gets at this size
    monkeypatch.setattr(diffusion, '_StencilMatrix', getattr(diffusion, kind))
    run_block(14)  # leaves the constants of the grid behind
    with LaunchCounter() as counter:
        run_block(14)
    inputs = 4  # randn, rand and two ones
    assert counter.count - inputs <= limit


def test_memory_for_backward_grows_as_the_number_of_patches():
    def kept(side):
        sizes = {}

        def pack(tensor):
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        with saved_tensors_hooks(pack, lambda tensor: tensor):
            run_block(side, channels=64)
        return sum(sizes.values())

    assert kept(32) / kept(16) == pytest.approx(4, rel=0.05)
