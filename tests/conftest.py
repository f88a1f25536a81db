"""Settings of all tests; being here puts ``tiny_runner`` on the path."""

from __future__ import annotations

import os

import pytest
from mmengine.registry import DefaultScope

# the machine is shared by the workers of pytest-xdist
os.environ.setdefault('OMP_NUM_THREADS', '1')


@pytest.fixture(scope='session', autouse=True)
def host_scope():
    """Host parts are found unprefixed, as in the tools."""
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        yield


@pytest.fixture(autouse=True)
def _no_scope_left_behind(host_scope):
    """A Runner in one test sets the scope of the process; take it back."""
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        yield
