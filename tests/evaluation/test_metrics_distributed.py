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
    os.environ.update(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port))
    dist.init_process_group('gloo', rank=rank, world_size=2)
    samples = parity_samples()[:COUNT]
    padded = [*samples, samples[0]]
    metric = LocalizationAccuracy(collect_dir=f'{tmpdir}/parts')
    metric.process(None, padded[rank::2])
    got = metric.evaluate(COUNT)
    dist.destroy_process_group()
    assert got == run(LocalizationAccuracy(), samples)


@pytest.mark.slow
def test_two_processes_with_a_padded_last_batch_equal_one(tmp_path):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    mp.spawn(_worker, (port, str(tmp_path)), nprocs=2)
