"""I2C against loops over pairs and classes; memories of several processes."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from dist_processes import launch
from small_models import RESNET, WIDTH, build, samples
from torch import nn
from torch.testing import assert_close

from mmscm.models import CAMHead, DomainAlignment, InterImage

LABELS = torch.tensor([3, 3, 0, 0, 3, 3])


def part_of(**settings):
    part = InterImage(0.008, 0.001, **settings)
    part.bind(SimpleNamespace(head=CAMHead(4, 6, pre_pool=True)))
    return part.double()


def batch():
    torch.manual_seed(0)
    tokens = torch.randn(6, 6, 4, 5, dtype=torch.float64)
    semantic = torch.randn(6, 4, 4, 5, dtype=torch.float64)
    return SimpleNamespace(tokens=tokens, semantic=semantic, labels=LABELS)


def slow_terms(step, draws, centers, counts):
    """Both terms, and the memory after them."""
    pooled = nn.functional.avg_pool2d(step.tokens, 3, 1, 1)
    seeds = []
    for features, maps, label, numbers in zip(
        pooled, step.semantic, step.labels, draws, strict=True
    ):
        plane = maps[label].flatten()
        plane = (plane - plane.min()) / (plane.max() - plane.min())
        high = [int(i) for i in numbers.argsort(descending=True)]
        high = [i for i in high if plane[i] > 0.7]
        high = (high + [high[0]] * 3)[:3]
        seeds.append([features.flatten(1)[:, i] for i in high])
    local, far, found = [], [], {}
    for index in range(0, len(seeds), 2):
        one, two = seeds[index], seeds[index + 1]
        for a, b in zip(one, two, strict=True):
            local.append(((a - b + 1e-6) ** 2).sum().sqrt())
        center = sum(one + two) / 6
        label = int(step.labels[index])
        gap = ((centers[label] - center + 1e-6) ** 2).sum().sqrt()
        far.append(gap if counts[label] else torch.zeros(()))
        found.setdefault(label, []).append(center)
    after = centers.clone()
    for label, group in found.items():
        share = torch.exp(torch.tensor(-0.002 * counts[label]))
        mean = sum(group) / len(group)
        after[label] = (1 - share) * centers[label] + share * mean
    return sum(local) / len(local), sum(far) / len(far), after


def test_terms_and_memory_are_those_of_loops():
    part, step = part_of(), batch()
    draws = torch.rand(6, 20)
    part.draw = lambda *size, device: draws
    for _ in range(3):
        centers, counts = part.centers.clone(), part.counts.tolist()
        local, far, after = slow_terms(step, draws, centers, counts)
        terms = part(step)
        assert_close(terms['loss_local'], 0.008 * local)
        assert_close(terms['loss_global'].double(), 0.001 * far.double())
        assert_close(part.centers, after)
        step.tokens = step.tokens.flip(3) * 1.1
    assert part.counts.tolist() == [3, 0, 0, 3]


def test_a_class_without_memory_has_no_global_term():
    part, step = part_of(), batch()
    assert part(step)['loss_global'] == 0
    assert part(step)['loss_global'] > 0


def test_constant_maps_have_seeds_and_finite_gradients():
    part, step = part_of(), batch()
    step.semantic = torch.ones_like(step.semantic)
    step.tokens = torch.ones_like(step.tokens).requires_grad_()
    for _ in range(2):
        sum(part(step).values()).backward()
    assert step.tokens.grad.isfinite().all()


@pytest.mark.parametrize('labels', [[3, 4, 4, 3], [3, 3, 4]])
def test_a_batch_without_pairs_is_refused(labels):
    part = dict(type='mmscm.InterImage')
    model = build(RESNET, dict(in_channels=WIDTH), regularizers=[part])
    images = torch.randn(len(labels), 3, 32, 32)
    with pytest.raises(ValueError, match=r'mmscm\.PairedClassSampler'):
        model.loss(images, samples(*labels))


def test_negative_weights_are_refused():
    with pytest.raises(ValueError, match='weights of 0 or more'):
        InterImage(local_weight=-1)


def remember(folder):
    """Memories of one process and of two, each with half the batch."""
    dist.init_process_group('gloo')
    rank = dist.get_rank()
    features = torch.randn(6, 8, 5, generator=torch.manual_seed(2))
    labels = torch.tensor([0, 1, 2, 0, 1, 1])
    mine = slice(3 * rank, 3 * rank + 3)
    memory, domains = part_of(), DomainAlignment(0.3, 2.0)
    head = SimpleNamespace(conv=nn.Conv2d(5, 4, 1))
    domains.bind(SimpleNamespace(backbone=nn.Identity(), head=head))
    everything = features[:, 0].double().repeat(1, 2)[:, :6]
    memory._remember(labels[mine], everything[mine])
    domains.clusters(features[mine], labels[mine])
    kept = [memory.state_dict(), deepcopy(domains.state_dict())]
    # k-means of an image starts in the same places in every process
    kept.append(domains.clusters(features[:1], labels[:1]))
    torch.save(kept, f'{folder}/{rank}')
    dist.barrier()
    first, second = (torch.load(f'{folder}/{other}') for other in range(2))
    assert_close(first, second)
    assert first[1]['counts'].tolist() == [3, 4, 2, 0, 6]  # one is the first
    whole = part_of()
    means = [everything[labels == label].mean(0) for label in range(3)]
    assert_close(first[0]['centers'][:3], torch.stack(means))
    assert first[0]['counts'].tolist() == [1, 1, 1, 0]
    assert_close(whole.centers[3], first[0]['centers'][3])


@pytest.mark.slow
def test_two_processes_have_one_memory(tmp_path):
    launch(remember, 2, str(tmp_path))
