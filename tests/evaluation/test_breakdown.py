import numpy as np
import pytest

from mmscm.evaluation.breakdown import break_down, size_name


def test_groups_by_hand():
    cat, dog = break_down(
        names=['dog', 'cat', 'dog', 'dog'],
        ious=[0.5, 0.25, 0.75, 0.25],
        errors=['right', 'part', 'right', 'more'],
    )
    assert (cat.name, cat.images, cat.gt_known) == ('cat', 1, 0)
    assert (dog.name, dog.images, dog.mean_iou) == ('dog', 3, 0.5)
    assert dog.gt_known == pytest.approx(200 / 3)
    assert dog.errors['right'] == pytest.approx(200 / 3)
    assert dog.errors['more'] == pytest.approx(100 / 3)
    assert sum(dog.errors.values()) == pytest.approx(100)


@pytest.mark.parametrize(
    ('box', 'name'),
    [
        ([0, 0, 10, 4], ' 0 - 5 %'),  # 4 % of 100 x 10
        ([0, 0, 50, 3], '15 - 30 %'),  # exactly 15 %
        ([0, 0, 100, 10], '75 - 100 %'),
    ],
)
def test_images_are_grouped_by_their_largest_object(box, name):
    boxes = np.array([[0, 0, 1, 1], box], float)
    assert size_name(boxes, (10, 100)) == name
