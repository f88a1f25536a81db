"""DA-WSOL against the released clusters, samples, losses and gradients."""

from types import SimpleNamespace

import pytest
import torch
from method_vectors import vectors
from small_models import RESNET, WIDTH, build, samples
from torch import nn
from torch.testing import assert_close

from mmscm.models import DomainAlignment
from mmscm.models.regularizers.domain_alignment import discrepancy

EXACT = dict(rtol=1e-9, atol=1e-12)
SETTINGS = dict(alignment_weight=0.3, universum_weight=0.02, num_samples=8)
PART = dict(type='mmscm.DomainAlignment', **SETTINGS)


@pytest.fixture
def after_warm_up(monkeypatch):
    monkeypatch.setattr(DomainAlignment, 'epoch', 1)


def part_of(channels, classes, **settings):
    head = SimpleNamespace(conv=nn.Conv2d(channels, classes, 1))
    part = DomainAlignment(**SETTINGS | settings)
    part.bind(SimpleNamespace(backbone=nn.Identity(), head=head))
    return part.double()


def step_of(part, features, labels):
    part.features = SimpleNamespace(take=lambda: features)
    return part(SimpleNamespace(labels=labels))


def released_order(pixels, drawn):
    """Numbers whose order puts the pixels of a recorded sample first."""
    numbers = torch.ones(pixels.shape[:2])
    for row, points, sample in zip(numbers, pixels, drawn, strict=True):
        found = torch.cdist(sample, points).argmin(1)
        row[found] = torch.arange(len(found)) / 100
    return numbers


def test_discrepancy_is_the_released():
    arrays = vectors('dawsol_A')
    source = arrays['source'].requires_grad_()
    target = arrays['target'].requires_grad_()
    gap = discrepancy(source, target)
    gap.backward()
    assert_close(gap, arrays['mmd'], **EXACT)
    assert_close(source.grad, arrays['grad_source'], **EXACT)
    assert_close(target.grad, arrays['grad_target'], **EXACT)


def test_discrepancy_is_that_of_a_loop_over_all_pairs():
    torch.manual_seed(0)
    sets = torch.randn(2, 3, 5, 4, dtype=torch.float64)
    for source, target, gap in zip(*sets, discrepancy(*sets), strict=True):
        points = [*source, *target]
        pairs = [((a - b) ** 2).sum() for a in points for b in points]
        width = sum(pairs) / 90 / 4
        kernel = [[0.0] * 10 for _ in points]
        for i, a in enumerate(points):
            for j, b in enumerate(points):
                distance = ((a - b) ** 2).sum()
                for k in range(5):
                    kernel[i][j] += torch.exp(-distance / width / 2**k)
        terms = [
            kernel[i][j] + kernel[5 + i][5 + j]
            - kernel[i][5 + j] - kernel[j][5 + i]
            for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0))
        ]  # fmt: skip
        assert_close(gap, sum(terms) / 5)


def test_equal_sets_have_no_discrepancy_and_a_finite_gradient():
    points = torch.ones(4, 3, requires_grad=True)
    gap = discrepancy(points, points)
    gap.backward()
    assert gap == 0
    assert points.grad.isfinite().all()


def test_clusters_means_losses_and_gradient_are_the_released(after_warm_up):
    arrays = vectors('dawsol_A')
    part = part_of(6, 3)
    features = arrays['pixel_feature'].requires_grad_()
    pixels = features.detach().flatten(2).mT
    drawn = arrays['batch_source'][:, 1:], arrays['batch_target']
    drawn = torch.cat(drawn, 1)
    part.draw = lambda *size, device: released_order(pixels, drawn)
    terms = step_of(part, features, arrays['labels'])
    assert_close(terms['loss_alignment'], 0.3 * arrays['loss_mmd'][0], **EXACT)
    universum = 0.02 * arrays['loss_universum']
    assert_close(terms['loss_universum'], universum, **EXACT)
    sum(terms.values()).backward()
    assert_close(features.grad, arrays['grad_pixel_feature'], **EXACT)
    means = [arrays['cluster_centers'], arrays['universe_centers']]
    assert_close(part.means, torch.cat(means), **EXACT)
    assert part.counts.tolist() == [2, 3, 0, 3]
    for buffer in part.buffers():
        buffer.zero_()
    clusters = part.clusters(pixels, arrays['labels']).unflatten(1, (14, 14))
    values = torch.tensor([0, 1, 0.5], dtype=torch.float64)
    assert torch.equal(values[clusters], arrays['mask_bg0_src1_tgt05'])


def test_images_with_too_few_pixels_have_no_discrepancy(after_warm_up):
    features = torch.randn(2, 6, 3, 3, dtype=torch.float64, requires_grad=True)
    terms = step_of(part_of(6, 3), features, torch.tensor([0, 1]))
    assert terms['loss_alignment'] == 0
    sum(terms.values()).backward()
    assert features.grad.isfinite().all()


def test_the_first_epoch_is_that_of_the_classifier(monkeypatch):
    # not that of a training before in this process
    monkeypatch.setattr(DomainAlignment, 'epoch', 0)
    model = build(RESNET, dict(in_channels=WIDTH), regularizers=[PART])
    losses = model.loss(torch.randn(2, 3, 32, 32), samples(3, 4))
    assert 'loss_alignment' not in losses
    assert not model.regularizers[0].counts.any()


def test_a_sample_of_one_feature_is_refused():
    with pytest.raises(ValueError, match='`num_samples` of 2 or more'):
        part_of(6, 3, num_samples=1)
