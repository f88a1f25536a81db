import os
import socket

import pytest
import torch.distributed as dist
import torch.multiprocessing as mp
from hand_made import run
from parity_samples import parity_samples

from mmscm.evaluation import LocalizationAccuracy

COUNT = 7  # two processes see 0 2 4 6 and 1 3 5 0


def _worker(rank: int, port: int, tmpdir: str) -> None:
    samples = parity_samples()[:COUNT]
    expected = run(LocalizationAccuracy(), samples)
    os.environ.update(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port))
    dist.init_process_group('gloo', rank=rank, world_size=2)
    padded = [*samples, samples[0]]
    metric = LocalizationAccuracy(collect_dir=f'{tmpdir}/parts')
    metric.process(None, padded[rank::2])
    assert metric.evaluate(COUNT) == expected
    # torch 2.1 can wait forever for a group that ends with its last message
    os._exit(0)


@pytest.mark.slow
def test_two_processes_with_a_padded_last_batch_equal_one(tmp_path):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    mp.spawn(_worker, (port, str(tmp_path)), nprocs=2)
