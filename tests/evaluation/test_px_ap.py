import numpy as np
import pytest
import torch
from hand_made import hand_made, rectangle, run
from parity_samples import EXPECTED

from mmscm.evaluation import PxAP
from mmscm.evaluation.px_ap import average_precision, mask_ious


def masked(score_map, mask):
    sample = hand_made({0: score_map, 1: 1 - score_map}, 0, [[0, 0, 1, 1]])
    del sample['gt_bboxes']
    return {**sample, 'gt_mask': mask.to(torch.uint8)}


def test_px_ap_of_wsolevaluation_is_reproduced(samples):
    want = EXPECTED['wsolevaluation']['px_ap']
    assert run(PxAP(), samples)['wsol/px_ap'] == pytest.approx(want, abs=1e-9)


def test_a_map_that_is_the_mask_is_perfect():
    plane = rectangle(2, 2, 6, 6)
    metrics = run(PxAP(), [masked(plane, plane)])
    assert metrics == {
        'wsol/px_ap': 100,
        'wsol/mask_iou': 100,
        'wsol/mask_iou_thr': 0.001,
    }


def test_precision_and_recall_of_three_bins():
    # bright to dark: 1 object; 1 object, 1 background; 2 objects
    counts = np.array([[2, 1, 1, 0], [0, 1, 0, 0]])
    # precision 1, 2/3, 4/5 times recall gained 1/4, 1/4, 1/2
    want = 100 * (1 / 4 + 2 / 3 / 4 + 4 / 5 / 2)
    assert average_precision(counts) == pytest.approx(want)
    np.testing.assert_allclose(mask_ious(counts), [4 / 5, 2 / 5, 1 / 4, 0])


def test_ignored_pixels_do_not_count():
    plane = rectangle(0, 0, 10, 4)
    mask = 255 * rectangle(0, 0, 10, 2) + rectangle(0, 2, 10, 4)
    metrics = run(PxAP(cam_thr=0.5), [masked(plane, mask)])
    assert metrics['wsol/px_ap'] == 100
    assert metrics['wsol/mask_iou'] == 100


def test_the_mask_iou_is_a_mean_over_images():
    half = rectangle(0, 0, 5, 10)
    good, twice = masked(half, half), masked(half, rectangle(0, 0, 10, 10))
    metrics = run(PxAP(cam_thr=0.25), [good, twice])
    assert metrics['wsol/mask_iou'] == pytest.approx((100 + 50) / 2)
    assert metrics['wsol/mask_iou_thr'] == 0.25


def test_the_class_of_the_map_is_that_of_the_protocol():
    plane = rectangle(2, 2, 6, 6)
    sample = masked(plane, 1 - plane)
    sample['gt_label'] = torch.tensor([1])  # predicted 0
    assert run(PxAP(), [sample])['wsol/px_ap'] == 100
    assert run(PxAP('scm'), [sample])['wsol/px_ap_scm'] < 100


def test_a_mask_of_another_size_names_the_image():
    sample = masked(rectangle(2, 2, 6, 6), torch.ones(5, 5))
    with pytest.raises(ValueError, match=r'\(10, 10\).*bird\.jpg.*\(5, 5\)'):
        PxAP().process(None, [sample])


def test_a_set_without_object_pixels_is_refused():
    sample = masked(rectangle(2, 2, 6, 6), torch.zeros(10, 10))
    with pytest.raises(ValueError, match='object pixels in `gt_mask`'):
        run(PxAP(), [sample])


@pytest.mark.parametrize('cam_thr', [1.0, -0.1, 0.0005, 20])
def test_a_threshold_between_bins_is_refused(cam_thr):
    with pytest.raises(ValueError, match=r'multiple of 0\.001'):
        PxAP(cam_thr=cam_thr)
