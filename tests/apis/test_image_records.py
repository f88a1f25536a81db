"""What a test stores of every image is read back as it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from run_folders import make_run, sample

from mmscm.apis.results.image_records import read_records


def test_boxes_are_those_of_the_threshold(tmp_path):
    images = read_records(make_run(tmp_path), 0.2).images
    assert [image.box.tolist() for image in images[:3]] == [
        [0, 0, 16, 2],
        [0, 0, 16, 4],
        [0, 0, 16, 6],
    ]
    # 17 x 17 inclusive pixels true, 17 x 7 found
    assert images[2].iou == pytest.approx(7 / 17)


def test_classes_and_errors_are_kept(tmp_path):
    run = read_records(make_run(tmp_path), 0.2)
    first, second = run.images[:2]
    assert (first.label, first.top5) == (0, [0, 1, 2])
    assert (first.error, second.error) == ('part', 'cls_wrong')
    assert run.images[6].error == 'right'
    assert run.class_name(1) == 'bee'
    assert run.class_name(7) == 'class 7'
    assert first.name == 'some/folder/0.jpg'
    assert first.size_group == '15 - 30 %'  # 16 x 16 of 32 x 32


def test_pictures_and_maps_are_kept(tmp_path):
    image = read_records(make_run(tmp_path), 0.2).images[3]
    picture = cv2.imdecode(np.frombuffer(image.picture, np.uint8), 1)
    assert picture.shape == (32, 32, 3)
    assert abs(int(picture.mean()) - 90) <= 1
    grey = cv2.imdecode(np.frombuffer(image.map, np.uint8), 0)
    expected = 255 * sample(3)['localization_maps'][0].numpy()
    np.testing.assert_array_equal(grey, expected)


def test_pictures_are_kept_of_a_spread_sample(tmp_path):
    run = read_records(make_run(tmp_path, count=9, max_pictures=3), 0.2)
    kept = [i for i, image in enumerate(run.images) if image.picture]
    assert kept == [0, 3, 6]


def test_an_image_of_two_processes_counts_once(tmp_path):
    folder = make_run(tmp_path) / 'analysis'
    part = folder / 'part_000_00000.npz'
    (folder / 'part_001_00000.npz').write_bytes(part.read_bytes())
    assert len(read_records(tmp_path, 0.2).images) == 9


def test_a_new_test_replaces_the_records(tmp_path):
    make_run(tmp_path, count=9)
    assert len(read_records(make_run(tmp_path, count=4), 0.2).images) == 4


def test_missing_records_say_how_to_make_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'tools/test\.py'):
        read_records(tmp_path, 0.2)
