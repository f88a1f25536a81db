"""Processes of one test, each a fork of one that has imported torch."""

import gc
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import torch.multiprocessing as mp

PRELOADED = [
    'matplotlib.backends.backend_agg',
    'mmpretrain.datasets',
    'mmpretrain.models',
    'mmscm.apis',
    'mmscm.evaluation',
]


def launch(
    work: Callable, world: int, *args: Any, limit: float = 300, **environ: str
) -> None:
    """Run ``work(*args)`` in processes that look as torchrun starts them.

    Args:
        work (Callable): A function of a module.
        world (int): Number of processes.
        *args: For ``work``, picklable.
        limit (float): Seconds after which the test fails.
        **environ: More variables of the environment; no GPU is visible if
            not said.
    """
    mp.get_context('forkserver').set_forkserver_preload(PRELOADED)
    environ = {'CUDA_VISIBLE_DEVICES': ''} | environ
    environ |= dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(free_port()))
    processes = mp.start_processes(
        _as_rank,
        (world, environ, work, args),
        nprocs=world,
        join=False,
        start_method='forkserver',
    )
    end = time.monotonic() + limit
    while not processes.join(timeout=1):
        if time.monotonic() > end:
            for process in processes.processes:
                process.kill()
            raise TimeoutError(f'{work.__name__}: no end in {limit} s')


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def _as_rank(
    rank: int, world: int, environ: dict, work: Callable, args: tuple
) -> None:
    gc.freeze()  # see conftest.py
    environ |= dict(RANK=str(rank), LOCAL_RANK=str(rank))
    os.environ.update(environ, WORLD_SIZE=str(world))
    work(*args)
