"""Self-correlation against a transcription with loops."""

import torch
from torch.testing import assert_close

from mmscm.functional.self_correlation import correlated_maps, self_correlation

GRID = 3, 4
PATCHES = 12


def slow_correlation(features, first_thr, second_thr, weight):
    patches = features.flatten(1).mT
    rows = range(len(patches))
    first = torch.zeros(len(patches), len(patches), dtype=torch.float64)
    for i in rows:
        for j in rows:
            dot = patches[i] @ patches[j]
            cosine = dot / patches[i].norm() / patches[j].norm()
            first[i, j] = cosine if cosine > first_thr else 0
    others = first.clone()
    for i in rows:
        others[i, i] = 0
    for j in rows:
        first[:, j] = first[:, j] / (first[:, j].sum() + 1e-5)
        others[:, j] = others[:, j] / (others[:, j].sum() + 1e-5)
    second = torch.zeros_like(first)
    for i in rows:
        for j in rows:
            second[i, j] = sum(others[i, k] * others[k, j] for k in rows)
    for j in rows:
        second[:, j] = second[:, j] / second[:, j].sum()
    second[second < second_thr / len(patches)] = 0
    both = torch.maximum(first, weight * second)
    return both / both.sum(0)


def slow_map(correlation, plane, object_thr, background_thr):
    def scaled(values):
        return (values - values.min()) / (values.max() - values.min())

    seeds = scaled(plane.clamp(min=0)).flatten()
    sums = torch.zeros(2, PATCHES, dtype=torch.float64)
    for j in range(PATCHES):
        if seeds[j] >= object_thr:
            sums[0] += scaled(correlation[:, j])
        if seeds[j] <= background_thr:
            sums[1] += scaled(correlation[:, j])
    return scaled((scaled(sums[0]) - scaled(sums[1])).clamp(min=0))


def test_correlation_and_maps_are_those_of_loops():
    torch.manual_seed(0)
    features = torch.randn(2, 5, *GRID, dtype=torch.float64) + 0.5
    maps = torch.randn(2, 3, *GRID, dtype=torch.float64)
    correlation = self_correlation(features, 0.2, 0.5, 2.0)
    found = correlated_maps(correlation, maps, 0.1, 0.05)
    for image in range(2):
        slow = slow_correlation(features[image], 0.2, 0.5, 2.0)
        assert_close(correlation[image], slow, rtol=1e-6, atol=1e-9)
        for label in range(3):
            plane = slow_map(slow, maps[image, label], 0.1, 0.05)
            same = found[image, label].flatten()
            assert_close(same, plane, rtol=1e-6, atol=1e-9)


def test_a_seed_grows_over_all_that_is_like_it():
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    object_ = torch.tensor([[1, 1, 0, 0]] * 3)  # left half
    features = features[:, object_][None]  # (1, 2, 3, 4)
    maps = torch.zeros(1, 1, *GRID)
    maps[0, 0, 1, 1] = 1.0
    correlation = self_correlation(features, 0.1, 0.5, 2.0)
    found = correlated_maps(correlation, maps, 0.5, 0.4)
    assert torch.equal(found[0, 0] > 0, object_ > 0)
    assert found.argmax() == 5  # the seed


def test_a_constant_map_and_constant_features_are_finite():
    correlation = self_correlation(torch.zeros(1, 2, *GRID), 0.1, 0.5, 2.0)
    found = correlated_maps(correlation, torch.ones(1, 1, *GRID), 0.1, 0.05)
    assert not found.any()
