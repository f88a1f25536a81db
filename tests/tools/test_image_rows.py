"""What a test stores of every image is read back as it was."""

import cv2
import image_rows
import pytest
from image_rows import FILE_NAME, FOLDER, read_image_rows
from run_folders import make_run

from mmscm.engine.thresholds import StoredThresholds


def test_rows_are_read_as_the_images_were(tmp_path):
    images = read_image_rows(make_run(tmp_path))
    assert images[0].box == [(0, 0, 16, 2)]
    assert images[1].box == [(0, 0, 16, 4)]
    # 17 x 17 inclusive pixels true, 17 x 7 found
    assert images[2].iou == pytest.approx(7 / 17)
    # 6 and 18 rows of 16 pixels are above the threshold
    assert images[2].coverage == pytest.approx(6 * 16 / 17**2)
    assert images[2].precision == 1
    assert images[8].precision == pytest.approx(17 / 18)
    first, second = images[:2]
    assert (first.cam_thr, first.origin) == (0.2, 'val')
    assert (first.label, first.class_name) == (0, 'ant')
    assert first.predicted == second.predicted == 'ant'
    assert second.class_name == 'bee'
    errors = [images[index].error for index in (0, 1, 6)]
    assert errors == ['part', 'cls_wrong', 'right']
    assert first.name == 'some/folder/0.jpg'
    assert first.true_boxes == [(0, 0, 16, 16)]
    assert (first.covers, first.size_group) == (0.25, '15 - 30 %')


@pytest.mark.parametrize(
    ('stored', 'cam_thr'),
    [
        (StoredThresholds('test', {'wsol/gt_known': 0.304}), 0.3),
        (StoredThresholds('val', {'wsol/px_ap': 0.3}), 0.0),  # the best
    ],
)
def test_other_thresholds_are_an_oracle(tmp_path, stored, cam_thr):
    first = read_image_rows(make_run(tmp_path, stored=stored))[0]
    assert (first.cam_thr, first.origin) == (cam_thr, 'oracle')


def test_a_picture_and_its_map_are_kept(tmp_path):
    pair = cv2.imread(str(make_run(tmp_path) / FOLDER / '000003.jpg'))
    assert pair.shape == (32, 64, 3)
    assert abs(pair[:, :30].mean() - 90) <= 1  # the input is even
    inside, outside = pair[:6, 34:46], pair[12:, 34:46]
    assert inside[..., 1].mean() > outside[..., 1].mean() + 30  # viridis


def test_a_new_test_replaces_rows_and_keeps_a_spread_of_pictures(
    tmp_path, monkeypatch
):
    make_run(tmp_path, count=4)
    monkeypatch.setattr(image_rows, 'MAX_PICTURES', 3)
    assert len(read_image_rows(make_run(tmp_path))) == 9
    kept = sorted(path.stem for path in (tmp_path / FOLDER).glob('*.jpg'))
    assert kept == ['000000', '000003', '000006']


def test_missing_rows_say_how_to_make_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'tools/test\.py'):
        read_image_rows(tmp_path)


@pytest.mark.parametrize('line', ['7,short', '7' + ',x' * 15])
def test_a_broken_row_is_named(tmp_path, line):
    path = make_run(tmp_path, count=2) / FOLDER / FILE_NAME
    path.write_text(path.read_text() + line + '\n')
    with pytest.raises(ValueError, match=r'images\.csv, line 4, but got'):
        read_image_rows(tmp_path)
