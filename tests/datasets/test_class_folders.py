"""Lists for images in class folders."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
from class_folders import convert

from mmscm.datasets import WSOLMetadata


@pytest.fixture
def folder(tmp_path):
    """Ten cats and ten dogs; the first six of each have a box."""
    lines = []
    for name in ('cat', 'dog'):
        (tmp_path / 'images' / name).mkdir(parents=True)
        for index in range(10):
            key = f'images/{name}/{index}.png'
            cv2.imwrite(str(tmp_path / key), np.zeros((9, 12, 3), np.uint8))
            if index < 6:
                lines.append(f'{key},1,2,7,8.5\n')
    (tmp_path / 'boxes.txt').write_text(''.join(lines))
    return tmp_path


def counts_of(done):
    """Number of images by split, from what the converter prints."""
    return [int(line.split()[-2]) for line in done.splitlines()[:3]]


def load(folder, split, **options):
    return WSOLMetadata(
        data_root=str(folder),
        split_folder=f'metadata/{split}',
        classes='classes.txt',
        pipeline=[],
        **options,
    )


def ids_of(dataset):
    return {dataset.get_data_info(i)['img_path'] for i in range(len(dataset))}


def test_held_out_images_have_boxes(folder):
    done = convert(folder, folder / 'boxes.txt', val=0.5, test=1 / 3)
    # of the six boxed images of each class three and two; the rest trains
    assert counts_of(done) == [10, 6, 4]
    sample = load(folder, 'val').get_data_info(0)
    assert sample['gt_bboxes'].tolist() == [[1, 2, 7, 8.5]]
    assert sample['ori_shape'] == (9, 12)


def test_splits_share_no_image(folder):
    convert(folder, folder / 'boxes.txt')
    train = ids_of(load(folder, 'train', localization='none'))
    val, test = (ids_of(load(folder, split)) for split in ('val', 'test'))
    assert not train & val | train & test | val & test
    assert len(train | val | test) == 20


def test_without_boxes_every_image_may_be_held_out(folder):
    convert(folder, folder / 'boxes.txt')
    done = convert(folder, None, val=0.2, test=0.3)
    assert not (folder / 'metadata/val/localization.txt').exists()
    assert counts_of(done) == [10, 4, 6]
    dataset = load(folder, 'val', localization='none')
    assert dataset.metainfo['classes'] == ('cat', 'dog')
    assert [dataset.get_data_info(i)['gt_label'] for i in range(4)] == [
        *(0, 0, 1, 1)
    ]


def test_the_seed_decides(folder):
    def val_of(seed):
        convert(folder, None, seed=seed)
        return ids_of(load(folder, 'val', localization='none'))

    first = val_of(1)
    assert val_of(1) == first
    assert val_of(2) != first


def test_mistakes_are_named(folder):
    with pytest.raises(ValueError, match=r'leave some.*got 0\.5 and 0\.5'):
        convert(folder, None, 0.5, 0.5)
    (folder / 'boxes.txt').write_text('cat/0.png,1,2,7,8\n')
    with pytest.raises(ValueError, match=r'boxes\.txt.*cat/0\.png'):
        convert(folder, folder / 'boxes.txt')
    (folder / 'images' / 'cow').mkdir()
    with pytest.raises(ValueError, match='none of cow'):
        convert(folder)
    with pytest.raises(FileNotFoundError, match='nowhere/images: Expected'):
        convert(folder / 'nowhere')


def test_one_class_is_refused_with_advice(folder):
    shutil.rmtree(folder / 'images/cat')
    with pytest.raises(ValueError, match=r'got 1\. .* without the object'):
        convert(folder)


def test_what_is_left_out_is_counted_and_hidden_folders_are_no_classes(folder):
    (folder / 'images/.thumbnails/deep').mkdir(parents=True)
    (folder / 'images/cat/.hidden.png').touch()
    (folder / 'images/cat/kittens').mkdir()
    (folder / 'images/cat/a.gif').touch()
    (folder / 'images/dog/b.GIF').touch()
    (folder / 'images/readme.txt').touch()
    picture = np.full((9, 12, 3), 7, np.uint8)
    for suffix in ('tif', 'webp'):
        cv2.imwrite(str(folder / f'images/dog/10.{suffix}'), picture)
    done = convert(folder, val=0, test=0)
    assert counts_of(done) == [22, 0, 0]
    assert sorted(done.splitlines()[3:]) == [
        f'{folder}/images: left out 1 files beside the class folders',
        f'{folder}/images: left out 1 folders within class folders',
        f'{folder}/images: left out 2 files with suffix .gif',
    ]
    sample = load(folder, 'train', localization='none').get_data_info(0)
    assert sample['gt_label'] == 0


@pytest.mark.parametrize(
    ('names', 'fine'),
    [
        (('1 cent', '10 cent'), True),
        (('001.Auk', '002.Owl'), True),
        (('n01440764', 'n03000684'), True),
        (('n01440764 tench', 'n03000684 chain saw'), False),
        (('cat', 'dog '), False),
    ],
)
def test_names_are_read_as_they_are_written_or_refused(tmp_path, names, fine):
    for name in names:
        path = tmp_path / 'images' / name / 'ä.png'
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), np.zeros((9, 12, 3), np.uint8))
    if not fine:
        with pytest.raises(ValueError, match='Rename the folders'):
            convert(tmp_path, val=0, test=0)
        return
    convert(tmp_path, val=0, test=0)
    dataset = load(tmp_path, 'train', localization='none')
    assert dataset.metainfo['classes'] == names
    first = dataset.get_data_info(0)['img_path']
    assert first == f'{tmp_path}/images/{names[0]}/ä.png'
