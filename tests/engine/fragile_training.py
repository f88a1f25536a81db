"""A tiny training that goes wrong at its fifth iteration, as it is told to."""

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.registry import MODELS
from mmengine.runner import Runner
from tiny_runner import TinyModel, tiny_config
from torch import nn

from mmscm.engine.launch import prepare

START = 4  # iterations before the first bad one: epoch 2 of 3 each


@MODELS.register_module()
class FragileModel(TinyModel):
    """TinyModel with batch norm, and a factor of its loss."""

    loss_factor = 1.0

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)

    def forward(self, inputs, labels, mode='tensor'):
        vectors = self.norm(torch.stack(list(inputs)).to(self.scale))
        result = super().forward(vectors, labels, mode)
        if mode == 'loss':
            result['loss'] = result['loss'] * self.loss_factor
        return result


class Spoil(Hook):
    """Do something at one iteration and remember the weights before it."""

    def __init__(self, what):
        self.what = what

    def before_train_iter(self, runner, *args, **kwargs):
        if runner.iter == START:
            model = getattr(runner.model, 'module', runner.model)
            state = model.state_dict().items()
            self.before = {name: value.clone() for name, value in state}
            self.what(model)


def spoil_image(model):
    model.norm.register_forward_pre_hook(
        lambda _, args: args[0] * float('nan')
    )


def spoil_loss(model):
    model.loss_factor = float('inf')


def spoil_loss_of_rank_one(model):
    if dist.get_rank() == 1:
        spoil_loss(model)


def spoil_gradient(model, factor=float('nan')):
    model.linear.weight.register_hook(lambda grad: grad * factor)


def enlarge_gradient(model):
    spoil_gradient(model, 1e30)


def runner_of(folder, what, launcher='none', **options):
    cfg = tiny_config(str(folder), max_epochs=3)
    cfg.model = dict(type='FragileModel')
    cfg.default_hooks.logger = None
    cfg.default_hooks.stop = dict(type='mmscm.StopOnNonFiniteHook')
    cfg.merge_from_dict(options)
    prepare(cfg, launcher)
    runner = Runner.from_cfg(cfg)
    spoil = Spoil(what)
    runner.register_hook(spoil, priority='VERY_LOW')
    return runner, spoil


def train_on_a_rank(folder, what):
    """Train as one of several processes and write the error into a file."""
    runner, spoil = runner_of(folder, what, 'pytorch')
    try:
        runner.train()
    except FloatingPointError as error:
        rank = dist.get_rank()
        (folder / f'error_{rank}.txt').write_text(str(error))
        torch.save(spoil.before, folder / f'before_{rank}.pth')
