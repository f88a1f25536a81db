"""The shell scripts of tools/, started with a model of milliseconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tiny_runner import tiny_config

TESTS = Path(__file__).parent
TOOLS = TESTS.parent / 'tools'


def tiny_file(folder: Path, *hooks: dict, **settings) -> Path:
    """A config that trains ten iterations, also in two processes.

    Args:
        folder (Path): Where the file is written.
        *hooks (dict): More hooks, found by ``custom_imports``.
        **settings: More keys of the config.
    """
    cfg = tiny_config('unused', max_epochs=1)
    cfg.custom_imports = dict(imports=['tiny_runner', 'failing_hook'])
    cfg.train_dataloader.batch_size = 1
    cfg.train_dataloader.dataset.samples = 20
    cfg.experiment_name = 'tiny'
    cfg.custom_hooks = list(hooks)
    cfg.merge_from_dict(settings)
    cfg.dump(folder / 'tiny.py')
    return folder / 'tiny.py'


def start(script: str, *args, **environ) -> subprocess.Popen:
    """Start a program of tools/; its output is one text."""
    python = [sys.executable] if script.endswith('.py') else []
    settings = dict(
        OMP_NUM_THREADS='1',
        CUDA_VISIBLE_DEVICES='',
        PYTHON=sys.executable,
        PYTHONPATH=str(TESTS),
    )
    settings |= {name: str(value) for name, value in environ.items()}
    return subprocess.Popen(
        [str(part) for part in (*python, TOOLS / script, *args)],
        env=os.environ | settings,
        cwd=TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen, limit: float = 500) -> tuple[int, str]:
    """Exit code and output; a script that hangs is ended.

    Args:
        process (Popen): From :func:`start`.
        limit (float): Seconds.
    """
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.terminate()  # torchrun ends its processes
        output, _ = process.communicate()
        raise TimeoutError(f'no end in {limit} s:\n{output}') from None
    return process.returncode, output
