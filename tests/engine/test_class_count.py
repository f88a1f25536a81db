"""The classes of the data are those of the head."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from torch import nn

from mmscm.engine import ClassCountHook


def run(classes, **dataset):
    model = nn.Module()
    model.head = SimpleNamespace(num_classes=classes)
    dataset = SimpleNamespace(**dataset)
    loader = SimpleNamespace(dataset=dataset)
    runner = SimpleNamespace(
        model=model,
        train_dataloader=loader,
        val_dataloader=loader,
        test_dataloader=loader,
        val_loop=object(),
    )
    hook = ClassCountHook()
    hook.before_test(runner)
    hook.before_val(runner)
    hook.before_train(runner)


@pytest.mark.parametrize(
    'dataset',
    [
        dict(metainfo=dict(classes=('a', 'b'))),
        dict(num_classes=2),
        dict(get_gt_labels=lambda: [0, 1, 0]),
        dict(),
    ],
)
def test_two_classes_are_two(dataset):
    run(2, **dataset)


def test_names_and_numbers_are_counted():
    with pytest.raises(ValueError, match=r'`model\.head\.num_classes` 3'):
        run(2, metainfo=dict(classes=('a', 'b', 'c')))
    with pytest.raises(ValueError, match=r'num_classes` 1, .* but got 2'):
        run(2, num_classes=1)


def test_labels_of_a_set_without_names_are_looked_at():
    with pytest.raises(ValueError, match=r'labels below .* 2, but got 2 in'):
        run(2, get_gt_labels=lambda: [0, 2])


def test_one_class_is_refused_in_training_with_advice():
    with pytest.raises(ValueError, match=r'two or more, .* without the obj'):
        run(1, num_classes=1)
