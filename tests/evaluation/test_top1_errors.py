import numpy as np
import pytest

from mmscm.evaluation import top1_error

OBJECT = np.array([[0, 0, 9, 9]])  # 100 inclusive pixels


@pytest.mark.parametrize(
    ('box', 'error'),
    [
        ([0, 0, 9, 8], 'right'),
        ([0, 0, 4, 4], 'part'),  # IoU 0.25, all inside
        ([0, 0, 29, 9], 'more'),  # covers all, IoU 1/3
        ([5, 0, 24, 9], 'wrong'),  # 1/4 inside, covers 1/2
        ([50, 50, 59, 59], 'wrong'),
    ],
)
def test_a_box_of_the_right_class_is_named(box, error):
    assert top1_error(True, np.array(box), OBJECT) == error


def test_a_wrong_class_comes_first():
    assert top1_error(False, OBJECT[0], OBJECT) == 'cls_wrong'


def test_a_box_over_two_objects_is_multi_instances():
    objects = np.array([[0, 0, 9, 9], [20, 0, 29, 9]])
    assert top1_error(True, [0, 0, 29, 9], objects) == 'multi_instances'
    assert top1_error(True, [0, 0, 19, 9], objects[1:]) == 'wrong'


def test_an_iou_of_exactly_one_half_is_not_right():
    assert top1_error(True, [0, 0, 9, 4], OBJECT) == 'part'
