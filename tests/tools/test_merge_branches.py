import pytest
import torch
from merge_branches import merge


def weights(value, classes=3):
    linear = {'head.class_fc.weight': torch.full((classes, 2), value)}
    return linear | {'head.conv.weight': torch.full((2,), value)}


def test_only_the_classifier_is_taken_from_the_second():
    merged = merge(weights(1.0), weights(2.0))
    assert merged['head.conv.weight'].tolist() == [1, 1]
    assert (merged['head.class_fc.weight'] == 2).all()


def test_branches_of_other_classes_are_refused():
    with pytest.raises(ValueError, match='equal shapes'):
        merge(weights(1.0), weights(2.0, classes=4))
