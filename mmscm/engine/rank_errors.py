"""What a process of a distributed run does when it or another one fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps

import torch.distributed as dist
from mmengine.dist import get_rank
from mmengine.logging import print_log
from torch.distributed.elastic.multiprocessing.errors import record

# Seconds in which a launcher sees the process that failed first, and ends
# the others before they look like failures of their own.
GRACE = 10.0


def report_errors(main: Callable[[], None]) -> Callable[[], None]:
    """Decorate the ``main`` of a tool that several processes may run.

    An error reaches torchrun, whose summary quotes the one of the process
    that failed first. A process that merely lost another one says so and
    leaves the launcher time to see the cause.

    Args:
        main (Callable): Without arguments.

    Returns:
        Callable: The same, for the tool to call.
    """

    @record
    @wraps(main)
    def reported() -> None:
        try:
            main()
        except RuntimeError as error:
            if lost_process(error):
                _explain(error)
                time.sleep(GRACE)
            raise

    return reported


def lost_process(error: RuntimeError) -> bool:
    """Whether an error says that another process ended or is silent.

    Args:
        error (RuntimeError): From gloo, NCCL or the store.

    Returns:
        bool: False for every error of this process's own.
    """
    # gloo raises bare RuntimeErrors that begin with its source file
    return isinstance(error, dist.DistBackendError) or 'gloo' in str(error)


def _explain(error: RuntimeError) -> None:
    print_log(
        f'Process {get_rank()} lost another process of this run: it ended, '
        'or was silent for longer than `env_cfg.dist_cfg.timeout` seconds. '
        'Its own error is the cause: above, in the log of its machine, or '
        f'under "Root Cause" in what torchrun prints. Seen here: {error}',
        logger='current',
        level=logging.ERROR,
    )
