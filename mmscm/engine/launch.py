"""Devices and process groups: what mmengine's Runner assumes of a GPU.

Without a GPU the Runner's own start calls ``torch.cuda.set_device``, wraps
the model for a device id and refuses mixed precision. ``prepare`` starts
gloo first and sets the config to what a CPU can do.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import nn

from mmscm.registry import OPTIM_WRAPPERS

# launcher -> the variables that hold rank, local rank, number of processes
# and the first host
VARIABLES = {
    'pytorch': 'RANK LOCAL_RANK WORLD_SIZE MASTER_ADDR',
    'slurm': 'SLURM_PROCID SLURM_LOCALID SLURM_NTASKS SLURM_NODELIST',
    'mpi': 'OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_LOCAL_RANK '
    'OMPI_COMM_WORLD_SIZE MASTER_ADDR',
}
LAUNCHERS = ('none', *VARIABLES)
AMP_WRAPPERS = ('AmpOptimWrapper', 'mmscm.CPUAmpOptimWrapper')


def prepare(cfg: Config, launcher: str = 'none') -> None:
    """Make a config run on this machine's device, in place."""
    if launcher not in LAUNCHERS:
        raise ValueError(
            f'Expected `launcher` to be one of {", ".join(LAUNCHERS)}, but '
            f'got {launcher!r}.'
        )
    cfg.launcher = launcher
    _count_accumulated(cfg)
    for split in ('train', 'val', 'test'):
        _fit_loader(cfg.get(f'{split}_dataloader') or {}, split)
    if launcher != 'none' and get_device() == 'cpu':
        if cfg.get('sync_bn'):
            raise ValueError(
                f'Expected GPUs for `sync_bn`, but got {cfg.sync_bn!r} '
                'without any: torch has SyncBatchNorm for GPUs only.'
            )
        dist_cfg = (cfg.get('env_cfg') or {}).get('dist_cfg') or {}
        init_gloo(launcher, dist_cfg.get('timeout'))
        # the Runner's default wrapper but for the device (`None` is CPU)
        cfg.model_wrapper_cfg = dict(
            type='MMDistributedDataParallel',
            broadcast_buffers=False,
            find_unused_parameters=cfg.get('find_unused_parameters', False),
        ) | (cfg.get('model_wrapper_cfg') or {})
        cfg.model_wrapper_cfg.device_ids = None


def init_gloo(launcher: str, timeout: float | None = None) -> None:
    """Join the gloo process group that the launcher's variables describe.

    A process waits ``timeout`` seconds, by default torch's, for another
    before it fails.
    """
    if dist.is_initialized():
        return
    names = VARIABLES[launcher].split()
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise OSError(
            f'Expected {", ".join(missing)} in the environment with launcher '
            f'{launcher!r}, but got none. tools/dist_train.sh and '
            'tools/slurm_train.sh start the processes that have them.'
        )
    values = [os.environ[name] for name in names]
    targets = VARIABLES['pytorch'].split()[:3]
    os.environ.update(zip(targets, values, strict=False))
    os.environ.setdefault('MASTER_PORT', '29500')  # torch's default
    if 'MASTER_ADDR' not in os.environ:
        listing = ['scontrol', 'show', 'hostnames', values[3]]
        hosts = subprocess.check_output(listing, text=True)
        os.environ['MASTER_ADDR'] = hosts.split()[0]
    options = {} if timeout is None else {'timeout': timedelta(0, timeout)}
    dist.init_process_group('gloo', **options)
    atexit.register(_leave_group)


def _leave_group() -> None:
    """End gloo's threads; those that outlive Python abort the process."""
    if dist.is_initialized():
        dist.destroy_process_group()


def use_amp(cfg: Config) -> None:
    """Train in mixed precision: float16 on a GPU, bfloat16 on the CPU."""
    kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if kind in AMP_WRAPPERS:
        return
    if kind != 'OptimWrapper':
        raise ValueError(
            'Expected `optim_wrapper.type` OptimWrapper to switch mixed '
            f'precision on, but got {kind}.'
        )
    cfg.optim_wrapper.type = AMP_WRAPPERS[get_device() == 'cpu']


def _count_accumulated(cfg: Config) -> None:
    """Scale the learning rate by the images of an update, in place.

    With ``auto_scale_lr.enable`` mmengine compares ``base_batch_size`` with
    one batch of every process; an update has ``accumulative_counts`` of these.
    """
    counts = (cfg.get('optim_wrapper') or {}).get('accumulative_counts', 1)
    scaling = cfg.get('auto_scale_lr') or {}
    if counts > 1 and scaling.get('enable') and 'base_batch_size' in scaling:
        base = scaling['base_batch_size']
        scaling['base_batch_size'] = base / counts
        print_log(
            f'An update gathers {counts} batches of every process: the base '
            f'batch size of {base} counts as {base / counts:g}.',
            logger='current',
        )


def _fit_loader(loader: dict, split: str) -> None:
    """Ask for no more than torch gives: it has pinned memory with a GPU only
    and keeps workers only where there are any.
    """
    if loader.get('batch_size', 1) < 1:
        raise ValueError(
            f'Expected `{split}_dataloader.batch_size` of 1 or more, but got '
            f'{loader["batch_size"]}.'
        )
    if loader.get('pin_memory') and get_device() == 'cpu':
        loader['pin_memory'] = False
    if loader.get('persistent_workers') and not loader.get('num_workers'):
        loader['persistent_workers'] = False


@OPTIM_WRAPPERS.register_module()
class CPUAmpOptimWrapper(OptimWrapper):
    """Mixed precision on the CPU, which mmengine's AmpOptimWrapper refuses.

    bfloat16 has the range of float32, so that no loss scaling is needed.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter autocast around the host's context."""
        autocast = torch.autocast('cpu', dtype=torch.bfloat16)
        with super().optim_context(model), autocast:
            yield
