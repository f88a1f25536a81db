"""k-means from given centres."""

import torch
from torch.testing import assert_close

from mmscm.functional.k_means import k_means

LINE = torch.tensor([[0.0], [1.0], [9.0], [10.0], [20.0]])


def test_groups_of_points_on_a_line_are_found():
    labels, centers = k_means(LINE, torch.tensor([[1.0], [8.0], [30.0]]))
    assert labels.tolist() == [0, 0, 1, 1, 2]
    assert_close(centers, torch.tensor([[0.5], [9.5], [20.0]]))


def test_equal_starts_leave_no_cluster_empty():
    labels, centers = k_means(LINE, torch.tensor([[0.0], [9.0], [9.0]]))
    assert labels.tolist() == [0, 0, 1, 1, 2]  # 20 is farthest from 9
    assert_close(centers[2], LINE[4])


def test_points_that_are_all_the_same_are_one_centre():
    labels, centers = k_means(torch.ones(5, 2), torch.zeros(3, 2))
    assert centers.isfinite().all()
    assert_close(centers[labels], torch.ones(5, 2))


def test_the_order_of_the_points_does_not_matter():
    torch.manual_seed(0)
    points = torch.randn(60, 4, dtype=torch.float64)
    order = torch.randperm(60)
    labels, centers = k_means(points, points[:3])
    others, same = k_means(points[order], points[:3])
    assert torch.equal(labels[order], others)
    assert_close(centers, same)


def test_centres_are_the_means_of_their_points_in_half_precision_too():
    torch.manual_seed(0)
    points = torch.randn(80, 3)
    with torch.autocast('cpu', torch.bfloat16):
        labels, centers = k_means(points, points[:3])
    means = torch.stack([points[labels == i].mean(0) for i in range(3)])
    assert_close(centers, means)
