"""Under torch.compile the neck is left as it is."""

import shutil

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from mmscm.models import SCM


class Model(nn.Module):
    """Something to compile around the neck."""

    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(3, 4, 1)
        self.neck = SCM(num_blocks=2)

    def forward(self, images):
        semantic, attention = self.neck(self.head(images), images.mean(1))
        return (2 * semantic).mean((2, 3)).sum() + attention.tanh().sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    'backend',
    [
        'aot_eager',
        pytest.param(
            'inductor',
            marks=pytest.mark.skipif(
                not shutil.which('g++'), reason='inductor needs a compiler'
            ),
        ),
    ],
)
def test_compiled_model_has_the_values_of_the_plain_one(backend):
    torch.manual_seed(0)
    model = Model()
    results = []
    for run in (model, torch.compile(model, backend=backend)):
        images = torch.rand(2, 3, 5, 6, generator=torch.manual_seed(1))
        images = images.contiguous(memory_format=torch.channels_last)
        loss = run(images.requires_grad_())
        trained = images, *model.parameters()
        results.append((loss, *torch.autograd.grad(loss, trained)))
    assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)
