"""Settings of all tests; being here puts ``tiny_runner`` on the path."""

from __future__ import annotations

import os

# the machine is shared by the workers of pytest-xdist
os.environ.setdefault('OMP_NUM_THREADS', '1')
