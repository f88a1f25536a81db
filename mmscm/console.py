"""What a program of mmscm shows: news on the terminal, all in the log file.

For the start of a process; ``import mmscm`` changes nothing of the host's.
"""

from __future__ import annotations

import re
import warnings
from logging import LogRecord

OF_NO_USE = (  # the host's warnings that no user can act on
    'Fail to import ``MultiScaleDeformableAttention``',
    'Failed to search registry with scope',
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
    'The prefix is not set in metric class',
    'Distributed training is not used, all SyncBatchNorm',
    'Setting OMP_NUM_THREADS environment variable',
    'Setting MKL_NUM_THREADS environment variable',
    '`broadcast_buffers` is deprecated',
    'Detected call of `scheduler.step()` before',  # accumulated gradients
)
DUMPS = (
    *('System environment:', 'Config:', 'Hooks will be executed'),
    'backbone feature_info[',  # of timm's models
)
SCORES = r'\w+ \[\w+\]: \w+ '  # of metrics; a line or a table has them too
STARTS = '|'.join([*map(re.escape, OF_NO_USE + DUMPS), SCORES])
HIDDEN = re.compile(rf'[\s-]*({STARTS})')
OF_A_USER = re.compile(
    r'Expected |is damaged|is not in the \S+ registry|'
    'got an unexpected keyword argument'
)


def quiet() -> None:
    """Keep the host's known noise from the terminal of this process."""
    for start in OF_NO_USE:
        warnings.filterwarnings('ignore', re.escape(start))
    from mmengine.logging import MMLogger  # after the filters

    of_host = MMLogger.__init__

    def init(self: MMLogger, *args, **kwargs) -> None:
        of_host(self, *args, **kwargs)
        self.handlers[0].addFilter(is_news)  # the first is the terminal's

    MMLogger.__init__ = init


def is_news(record: LogRecord) -> bool:
    """Whether a message of the log is worth a place on the terminal."""
    return not HIDDEN.match(record.getMessage())


def one_line(error: Exception) -> str | None:
    """A mistake of the user in a line; None if it may be one of mmscm.

    Errors of mmscm say what they expected; the host's name a part of the
    config, and those of the system a file.
    """
    text = str(error)
    if isinstance(error, KeyError):  # which quotes itself
        text = ' '.join(map(str, error.args))
    message = ' '.join(text.split())
    if isinstance(error, OSError) or OF_A_USER.search(message):
        return f'{type(error).__name__}: {message}'
    return None
