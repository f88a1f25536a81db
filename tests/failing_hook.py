"""A hook that ends one process of several, in one of several ways."""

from __future__ import annotations

import os
import signal

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class FailingHook(Hook):
    """Fail in the third iteration.

    Args:
        how (str): 'raise' an error, or 'kill' as a lack of memory does.
        rank (int): The process that fails.
    """

    def __init__(self, how, rank=1):
        self.how, self.rank = how, rank

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.rank == self.rank and batch_idx == 2:
            if self.how == 'kill':
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError(f'the disk of process {self.rank} is full')
