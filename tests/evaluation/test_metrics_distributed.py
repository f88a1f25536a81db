import pytest
import torch.distributed as dist
from dist_processes import launch
from hand_made import run
from parity_samples import parity_samples

from mmscm.evaluation import LocalizationAccuracy

COUNT = 7  # two processes see 0 2 4 6 and 1 3 5 0


def evaluate(folder: str) -> None:
    samples = parity_samples()[:COUNT]
    expected = run(LocalizationAccuracy(), samples)
    dist.init_process_group('gloo')
    padded = [*samples, samples[0]]
    metric = LocalizationAccuracy(collect_dir=f'{folder}/parts')
    metric.process(None, padded[dist.get_rank() :: 2])
    assert metric.evaluate(COUNT) == expected


@pytest.mark.slow
def test_two_processes_with_a_padded_last_batch_equal_one(tmp_path):
    launch(evaluate, 2, str(tmp_path))
