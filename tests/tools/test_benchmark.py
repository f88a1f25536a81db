"""Benchmarks measure what they say, against references that are right."""

import argparse
import json
import sys

import benchmark
import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.boxes import boxes_from_map
from mmscm.models import ActivationDiffusionBlock

SETTINGS = argparse.Namespace(
    batch=2, num_classes=3, img_size=112, arch='vit-micro', rounds=2,
    device='cpu', images=None,
)  # fmt: skip


def test_dense_block_equals_the_block():
    torch.manual_seed(0)
    semantic = torch.randn(2, 5, 5, 5, dtype=torch.float64).requires_grad_()
    attention = torch.rand(2, 5, 5, dtype=torch.float64).requires_grad_()
    block = ActivationDiffusionBlock().double()
    inputs = semantic, attention, block.lambda_, block.beta
    results = []
    for outputs in (block(*inputs[:2]), benchmark.dense_block(*inputs)):
        grads = torch.autograd.grad(outputs[0].square().sum(), inputs)
        results.append((*outputs, *grads))
    assert_close(results[0], results[1], rtol=1e-4, atol=1e-5)


def test_dense_model_trains_as_scm_does():
    model, _ = benchmark.build_models(SETTINGS)
    losses, grads = [], []
    for variant in (benchmark.make_dense(model), model):
        loss = variant.loss(*benchmark.build_batch(SETTINGS))['loss']
        loss.backward()
        losses.append(loss)
        grads.append(variant.backbone.layers[0].attn.qkv.weight.grad)
    assert_close(losses[0], losses[1], atol=1e-5, rtol=0)
    assert_close(grads[0], grads[1], atol=1e-4 * grads[1].max(), rtol=0)


def test_ratios_are_taken_within_a_round(monkeypatch):
    # after the warm-up 1 s then 2 s, the other always half of it
    times = iter([9, 9, 1000, 500, 2000, 1000])
    monkeypatch.setattr(benchmark, 'milliseconds', lambda *_: next(times))
    variants = dict(a=lambda: None, b=lambda: None)
    first, second = benchmark.compare('case', variants, SETTINGS)
    assert (first['ms'], first['ratio']) == (1500, 1)
    assert (second['ms'], second['ratio']) == (750, 0.5)


def test_memory_and_launches_of_a_product():
    a, b = torch.ones(2, 4, requires_grad=True)
    assert benchmark.saved_megabytes(lambda: a.exp() * b.exp()) == 32e-6
    with benchmark.LaunchCounter() as counter:
        (torch.ones(2, 3).T[0] * 2).add_(1)
    assert counter.count == 3


@pytest.mark.parametrize('every', [False, True])
def test_both_ways_to_boxes_that_are_timed_find_the_same(every):
    thrs = np.arange(0, 1, 0.01)
    for score_map in benchmark.score_maps(56)[:3]:
        swept = boxes_from_map(score_map, thrs, every, clip=False)
        called = benchmark.boxes_by_contours(score_map, thrs, every)
        for one, other in zip(swept, called, strict=True):
            assert sorted(one.tolist()) == sorted(other.tolist())


@pytest.mark.parametrize(
    'what',
    ['neck', 'step', 'inference', 'photos', 'data', 'evaluation', 'growth'],
)
def test_tool_prints_a_table_and_writes_json(
    what, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(benchmark, 'SIDES', (3, 33))
    monkeypatch.setattr(benchmark, 'GROWING', (2, 3))
    command = f'benchmark.py --what {what} --batch 1 --num-classes 2'
    command += f' --arch vit-micro --img-size 112 --rounds 1 --out {tmp_path}'
    monkeypatch.setattr(sys, 'argv', command.split())
    benchmark.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('| case | variant | ms | ratio | quartiles |')
    report = json.loads((tmp_path / f'{what}.json').read_text())
    assert len(report['rows']) == len(lines) - 2
    assert report['rows'][0]['ratio'] == 1
    assert (tmp_path / 'growth.png').exists() == (what == 'growth')


def test_workers_hand_over_bytes_of_which_a_folder_can_be_given(tmp_path):
    settings = dict(vars(SETTINGS), img_size=224, out=tmp_path)
    settings = argparse.Namespace(**settings)
    made = benchmark.files(settings)
    assert sum(map(len, made.values())) == 4
    settings.images = tmp_path
    ((case, paths),) = benchmark.files(settings).items()
    _, variants, _ = benchmark.data(case, paths, settings)
    plain, normalized = (
        variants[name]()['inputs'].nbytes
        for name in ('cv2', 'cv2, normalized')
    )
    assert (plain, normalized) == (2 * 3 * 224**2, 4 * plain)
