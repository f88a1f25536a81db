"""Two launches of dist_train.sh are the two nodes of one run."""

from __future__ import annotations

import pytest
from dist_processes import free_port
from dist_runs import trained
from dist_scripts import finish, start, tiny_file


@pytest.mark.slow
def test_two_nodes_train_ten_iterations(tmp_path):
    config = tiny_file(tmp_path)
    nodes = dict(NNODES=2, MASTER_ADDR='127.0.0.1', PORT=free_port())
    args = ('dist_train.sh', config, 1, '--work-dir', tmp_path / 'run')
    # the first waits for the second
    launches = [start(*args, NODE_RANK=rank, **nodes) for rank in (0, 1)]
    for code, output in map(finish, launches):
        assert code == 0, output[-3000:]
    # 20 samples, 2 processes by 1
    assert trained(tmp_path / 'run')['meta']['iter'] == 10
