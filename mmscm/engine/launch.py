"""Devices and process groups: what mmengine's Runner assumes of a GPU.

Without a GPU the Runner's own start calls ``torch.cuda.set_device``, wraps
the model for a device id and refuses mixed precision. ``prepare`` starts
gloo first and sets the config to what a CPU can do.
"""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta

import torch.distributed as dist
from mmengine.config import Config
from mmengine.device import get_device

from mmscm.engine.lr_scaling import count_accumulated

# launcher -> the variables that hold rank, local rank and number of processes
RANK_VARIABLES = {
    'pytorch': ('RANK', 'LOCAL_RANK', 'WORLD_SIZE'),
    'slurm': ('SLURM_PROCID', 'SLURM_LOCALID', 'SLURM_NTASKS'),
    'mpi': (
        'OMPI_COMM_WORLD_RANK',
        'OMPI_COMM_WORLD_LOCAL_RANK',
        'OMPI_COMM_WORLD_SIZE',
    ),
}
AMP_WRAPPERS = ('AmpOptimWrapper', 'mmscm.CPUAmpOptimWrapper')


def prepare(cfg: Config, launcher: str = 'none') -> None:
    """Make a config run on this machine's device, in place.

    Args:
        cfg (Config): A config for the Runner.
        launcher (str): 'none', 'pytorch', 'slurm' or 'mpi'.
    """
    if launcher not in ('none', *RANK_VARIABLES):
        raise ValueError(
            f'Expected `launcher` to be none, {", ".join(RANK_VARIABLES)}, '
            f'but got {launcher!r}.'
        )
    cfg.launcher = launcher
    count_accumulated(cfg)
    if launcher != 'none' and get_device() == 'cpu':
        _refuse_sync_bn(cfg)
        dist_cfg = (cfg.get('env_cfg') or {}).get('dist_cfg') or {}
        init_gloo(launcher, dist_cfg.get('timeout'))
        cfg.model_wrapper_cfg = _cpu_wrapper(cfg)


def init_gloo(launcher: str, timeout: float | None = None) -> None:
    """Join the gloo process group that the launcher's variables describe.

    Args:
        launcher (str): 'pytorch', 'slurm' or 'mpi'.
        timeout (float, optional): Seconds that a process waits for another
            before it fails. Default is torch's.
    """
    options = {} if timeout is None else dict(timeout=_seconds(timeout))
    if dist.is_initialized():
        return
    values = [_variable(name, launcher) for name in RANK_VARIABLES[launcher]]
    targets = RANK_VARIABLES['pytorch']
    os.environ.update(zip(targets, values, strict=True))
    # torch.distributed's default port
    os.environ.setdefault('MASTER_PORT', '29500')
    if launcher == 'slurm' and 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _first_slurm_host()
    _variable('MASTER_ADDR', launcher)
    dist.init_process_group('gloo', **options)


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


def _refuse_sync_bn(cfg: Config) -> None:
    if cfg.get('sync_bn'):
        raise ValueError(
            f'Expected GPUs for `sync_bn`, but got {cfg.sync_bn!r} without '
            'any: torch has SyncBatchNorm for GPUs only. SyncBuffersHook '
            'averages the running statistics anywhere.'
        )


def _seconds(timeout: float) -> timedelta:
    if not isinstance(timeout, (int, float)) or not 0 < timeout < 1e9:
        raise ValueError(
            'Expected `env_cfg.dist_cfg.timeout` in seconds, more than 0, '
            f'but got {timeout!r}.'
        )
    return timedelta(seconds=timeout)


def _cpu_wrapper(cfg: Config) -> dict:
    """The Runner's default wrapper but for the device (``None`` is CPU)."""
    defaults = {
        'type': 'MMDistributedDataParallel',
        'broadcast_buffers': False,
        'find_unused_parameters': cfg.get('find_unused_parameters', False),
    }
    own = cfg.get('model_wrapper_cfg') or {}
    return {**defaults, **own, 'device_ids': None}


def _variable(name: str, launcher: str) -> str:
    if name not in os.environ:
        raise OSError(
            f'Expected the environment variable {name} with launcher '
            f'{launcher!r}, but got none. tools/dist_train.sh and '
            'tools/slurm_train.sh start the processes that set it.'
        )
    return os.environ[name]


def _first_slurm_host() -> str:
    nodes = _variable('SLURM_NODELIST', 'slurm')
    listing = ['scontrol', 'show', 'hostnames', nodes]
    return subprocess.check_output(listing, text=True).split()[0]
