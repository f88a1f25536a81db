"""The classes of the data are those of the head."""

from unittest.mock import MagicMock

import pytest
from tiny_runner import TinyModel

from mmscm.engine.hooks import ClassCountHook


class Set:
    def __init__(self, **attributes):
        vars(self).update(attributes)


def check(classes, stage='train', **dataset):
    runner = MagicMock(model=TinyModel())
    runner.model.head = Set(num_classes=classes)
    for split in ('train', 'val', 'test'):
        getattr(runner, f'{split}_dataloader').dataset = Set(**dataset)
    getattr(ClassCountHook(), f'before_{stage}')(runner)


LABELLED = dict(get_gt_labels=lambda: [0, 1, 0])
NAMED = dict(metainfo=dict(classes=('a', 'b')))


@pytest.mark.parametrize('dataset', [NAMED, dict(num_classes=2), LABELLED, {}])
def test_two_classes_are_two(dataset):
    check(2, **dataset)


@pytest.mark.parametrize('stage', ['train', 'test'])
@pytest.mark.parametrize(
    ('dataset', 'message'),
    [
        (dict(metainfo=dict(classes='abc')), r'`model\.head\.num_classes` 3'),
        (dict(num_classes=1), r'num_classes` 1, .* but got 2'),
        (dict(get_gt_labels=lambda: [2]), 'labels below .* 2, but got 2 in'),
    ],
)
def test_other_classes_are_refused(stage, dataset, message):
    with pytest.raises(ValueError, match=message):
        check(2, stage, **dataset)


def test_one_class_is_refused_in_training_with_advice():
    with pytest.raises(ValueError, match=r'two or more, .* without the obj'):
        check(1, num_classes=1)
