from __future__ import annotations

import cv2
import pytest
from miniatures import write

from mmscm.datasets import WSOLMetadata
from mmscm.datasets.problems import AnnotationError
from mmscm.registry import DATASETS


def build(root, **kwargs):
    arguments = dict(
        data_root=str(root),
        split_folder='metadata/test',
        data_prefix='images',
        num_classes=2,
    )
    return WSOLMetadata(**{**arguments, **kwargs})


def test_a_sample_has_path_label_boxes_and_size(metadata_root):
    first, second = build(metadata_root)
    assert first['img_path'] == f'{metadata_root}/images/a/1.jpg'
    assert first['gt_label'] == 0
    assert first['gt_bboxes'].tolist() == [[4, 2, 20, 10]]
    assert first['ori_shape'] == (20, 40)
    assert second['gt_bboxes'].tolist() == [[0, 0, 30, 30], [5, 6, 7, 8]]


def test_the_host_builds_it_by_name(metadata_root):
    dataset = DATASETS.build(
        dict(
            type='mmscm.WSOLMetadata',
            data_root=str(metadata_root),
            split_folder='metadata/test',
            data_prefix='images',
            classes='classes.txt',
            pipeline=[dict(type='LoadImageFromFile')],
        )
    )
    assert dataset[1]['img'].shape == (30, 30, 3)
    assert dataset.CLASSES == ('tench', 'chain saw')


def test_a_training_set_needs_no_boxes(metadata_root):
    (metadata_root / 'metadata/test/localization.txt').unlink()
    first, _ = build(metadata_root, localization='none')
    assert 'gt_bboxes' not in first


def test_sizes_may_be_missing(metadata_root):
    (metadata_root / 'metadata/test/image_sizes.txt').unlink()
    assert 'ori_shape' not in build(metadata_root)[0]


@pytest.mark.parametrize(
    ('classes', 'first', 'count'),
    [
        ('cub', 'Black_footed_Albatross', 200),
        ('imagenet', 'tench, Tinca tinca', 1000),
    ],
)
def test_usual_class_names_are_known(metadata_root, classes, first, count):
    names = build(metadata_root, classes=classes).CLASSES
    assert names[0] == first
    assert len(names) == count


def test_masks_are_listed(metadata_root):
    folder = metadata_root / 'metadata/test'
    write(
        folder / 'localization.txt',
        'a/1.jpg,a/1_m0.png,a/1_ignore.png',
        'a/1.jpg,a/1_m1.png,',
        'b/2.jpg,b/2_m0.png,b/2_ignore.png',
    )
    prefix = dict(img_path='images', mask_path='masks')
    first = build(metadata_root, localization='masks', data_prefix=prefix)[0]
    root = f'{metadata_root}/masks/a'
    assert first['mask_paths'] == [f'{root}/1_m0.png', f'{root}/1_m1.png']
    assert first['ignore_path'] == f'{root}/1_ignore.png'


def test_a_label_beyond_the_names_is_refused(metadata_root):
    write(metadata_root / 'classes.txt', 'only one')
    with pytest.raises(AnnotationError, match=r'class_labels.txt, line 2'):
        build(metadata_root, classes='classes.txt')


@pytest.mark.parametrize('name', ['class_labels.txt', 'localization.txt'])
def test_an_image_without_annotation_is_named(metadata_root, name):
    path = metadata_root / 'metadata/test' / name
    lines = path.read_text().splitlines()
    path.write_text(lines[0])
    with pytest.raises(AnnotationError, match=rf'{name}.*lacks 1.*b/2.jpg'):
        build(metadata_root)


def test_a_missing_split_folder_is_named(metadata_root):
    with pytest.raises(FileNotFoundError, match=r'metadata/val/image_ids.txt'):
        build(metadata_root, split_folder='metadata/val')


def test_an_unknown_localization_is_refused(metadata_root):
    with pytest.raises(ValueError, match=r"Expected `localization`.*'box'"):
        build(metadata_root, localization='box')


def test_the_files_are_images_that_open(metadata_root):
    for sample in build(metadata_root):
        assert cv2.imread(sample['img_path']) is not None
