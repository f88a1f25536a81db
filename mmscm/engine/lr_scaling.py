"""The host's scaling of the learning rate, with gradient accumulation."""

from __future__ import annotations

from mmengine.config import Config
from mmengine.logging import print_log


def count_accumulated(cfg: Config) -> None:
    """Let the host scale by the images of an update, in place.

    With ``auto_scale_lr.enable`` it compares ``base_batch_size`` with one
    batch of every process; an update has ``accumulative_counts`` of these.

    Args:
        cfg (Config): A config for the Runner.
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
