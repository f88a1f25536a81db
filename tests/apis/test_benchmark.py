import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmscm.apis.benchmark import step, timing
from mmscm.apis.benchmark.boxes import (
    boxes_by_contours,
    boxes_by_sweep,
    grey_maps,
)
from mmscm.apis.benchmark.dense_model import DenseModel
from mmscm.apis.benchmark.dense_neck import dense_block, grid_laplacian
from mmscm.apis.benchmark.graph import LaunchCounter, saved_bytes
from mmscm.apis.benchmark.lists import read_lists
from mmscm.apis.benchmark.plots import slope
from mmscm.apis.benchmark.report import tables, write_json
from mmscm.apis.benchmark.setting import Setting
from mmscm.models import ActivationDiffusionBlock

TINY = Setting(batch=2, num_classes=3, img_size=112, rounds=1)


def random_maps(side):
    """Float64: the literal formulas of the dense block lose digits."""
    torch.manual_seed(0)
    semantic = torch.randn(2, 5, side, side, dtype=torch.float64)
    attention = torch.rand(2, side, side, dtype=torch.float64)
    return semantic.requires_grad_(), attention.requires_grad_()


def test_grid_laplacian_of_two_patches_by_hand():
    assert_close(grid_laplacian(1, 2), torch.tensor([[1.0, -1], [-1, 1]]))


def test_dense_block_equals_the_stencil_block():
    block = ActivationDiffusionBlock().double()
    maps = random_maps(5)
    inputs = (*maps, block.lambda_, block.beta)
    ours, dense = block(*maps), dense_block(*inputs)
    assert_close(ours, dense, atol=1e-5, rtol=0)
    for a, b in zip(
        torch.autograd.grad(ours[0].square().sum(), inputs),
        torch.autograd.grad(dense[0].square().sum(), inputs),
        strict=True,
    ):
        assert (a - b).abs().max() <= 1e-4 * b.abs().max()


def test_dense_model_trains_as_scm_does():
    images, samples = TINY.inputs()
    model = TINY.model('scm', 'vit-micro')
    dense = DenseModel(model)
    labels = torch.cat([sample.gt_label for sample in samples])
    loss = model.loss(images, samples)['loss']
    dense_loss = F.cross_entropy(dense.logits(images), labels)
    assert_close(loss, dense_loss, atol=1e-5, rtol=0)
    loss.backward()
    dense_loss.backward()
    wanted = dense.weights['backbone/layers/0/attn/qkv/weight'].grad
    found = model.backbone.layers[0].attn.qkv.weight.grad
    assert (found - wanted).abs().max() <= 1e-4 * wanted.abs().max()


def test_ratios_are_taken_within_a_round(monkeypatch):
    # reference 1 s then 2 s, the other always half of it; no warm-up
    ticks = iter([0, 1, 1, 1.5, 2, 4, 4, 5])
    monkeypatch.setitem(timing.CLOCKS, 'cpu', lambda: next(ticks))
    variants = dict(a=lambda: None, b=lambda: None)
    first, second = timing.compare('case', variants, 2, warmup=0)
    assert (first.seconds, first.ratio) == (1.5, 1)
    assert second == ('case', 'b', 0.75, 0.5, 0.5, 0.5, 0.5)


def test_saved_bytes_of_a_product_are_both_factors():
    a, b = torch.ones(4, requires_grad=True), torch.ones(4, requires_grad=True)
    assert saved_bytes(lambda: a * b) == 2 * 4 * 4
    assert saved_bytes(lambda: a * a) == 4 * 4


def test_graph_of_a_block_grows_as_the_number_of_patches():
    block = ActivationDiffusionBlock().double()

    def size(side):
        maps = random_maps(side)
        return saved_bytes(lambda: block(*maps))

    assert size(32) / size(16) == pytest.approx(4, rel=0.05)


def test_launches_leave_views_out():
    with LaunchCounter() as counter:
        (torch.ones(2, 3).T[0] * 2).add_(1)
    assert counter.calls == dict(ones=1, mul=1, add_=1)


def test_slope_of_a_square_is_two():
    assert slope([1, 2, 4], [3, 12, 48]) == pytest.approx(2)


def test_report_as_table_and_json(tmp_path):
    row = timing.Row('14x14', 'mmscm', 0.005, 0.004, 0.1, 0.08, 0.5)
    results = dict(times=[row], memory=[dict(name='a', bytes=8)])
    assert tables(results).splitlines()[2::4] == [
        '| 14x14 | mmscm | 5.0 | 4.0 | 1/10.0 | 1/12.5 to 0.500 |',
        '| a | 8 |',
    ]
    write_json(tmp_path / 'x.json', 'neck', TINY, results)
    read = json.loads((tmp_path / 'x.json').read_text())
    assert read['results']['times'][0]['ratio'] == 0.1
    assert read['setting']['batch'] == 2


@pytest.mark.slow
def test_reading_lists_takes_little_more_memory_than_the_text():
    found = read_lists(200_000, boxed=False)
    assert found['seconds'] > 0
    # 35 bytes of an id, 8 of its address, 8 of its label
    assert found['stored'] == pytest.approx(200_000 * 53 / 1e6, rel=0.1)
    # a dict an entry took 750 bytes; a hash and a position are temporary
    assert found['peak'] - found['import'] < 200_000 * 200 / 1e6
    assert found['copied'] < 3


@pytest.mark.parametrize('all_contours', [False, True])
def test_both_ways_to_boxes_that_are_timed_find_the_same(all_contours):
    thrs = np.arange(0, 1, 0.01)
    for image in grey_maps(56)[:3]:
        swept = boxes_by_sweep(image, thrs, all_contours)
        called = boxes_by_contours(image, thrs, all_contours)
        for one, other in zip(swept, called, strict=True):
            assert sorted(one.tolist()) == sorted(other.tolist())


def test_compiled_step_is_scm_with_a_compiled_backbone(monkeypatch):
    compiled = []
    monkeypatch.setattr(torch.nn.Module, 'compile', compiled.append)
    run = step.Step(TINY, 'scm compiled', 'float32')
    assert compiled == [run.model.backbone]
    assert run.model.with_neck
