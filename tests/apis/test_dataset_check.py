from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmscm.apis.dataset_check import check_split, check_splits


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines))


def paint(path, width, height):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))


@pytest.fixture
def root(tmp_path):
    """Four images of two classes, all in order."""
    ids = [f'{name}.png' for name in 'abcd']
    write(tmp_path / 'lists/image_ids.txt', *ids)
    labels = (f'{key},{i % 2}' for i, key in enumerate(ids))
    write(tmp_path / 'lists/class_labels.txt', *labels)
    write(tmp_path / 'lists/image_sizes.txt', *(f'{k},40,20' for k in ids))
    write(
        tmp_path / 'lists/localization.txt',
        *(f'{key},0,0,9,9' for key in ids),
        'd.png,2,2,40,20',
    )
    for key in ids:
        paint(tmp_path / 'images' / key, 40, 20)
    return tmp_path


def config(root, **kwargs):
    dataset = dict(
        type='mmscm.WSOLMetadata',
        data_root=str(root),
        split_folder='lists',
        data_prefix='images',
        num_classes=2,
        pipeline=[dict(type='mmscm.LoadImage')],
    )
    loader = dict(dataset={**dataset, **kwargs})
    return Config(dict(train_dataloader=loader, test_dataloader=loader))


def test_a_good_set_is_counted(root):
    check = check_split(config(root), 'train')
    assert check.problems == []
    assert (check.images, check.classes, check.boxes) == (4, 2, 5)
    assert (check.read, check.rotated) == (4, 0)
    assert check.smallest == check.largest == (20, 40)


def test_all_splits_are_those_of_the_config(root):
    checks = check_splits(config(root), 'all', images=False)
    assert [check.split for check in checks] == ['train', 'test']
    assert [check.read for check in checks] == [0, 0]
    with pytest.raises(ValueError, match=r'Expected `val_dataloader`'):
        check_splits(config(root), 'val')


@pytest.mark.parametrize('workers', [0, 2])
def test_problems_of_all_lists_and_images_come_at_once(root, workers):
    write(
        root / 'lists/class_labels.txt',
        'a.png,0',
        'b.png,5',
        'c.png,x',
        'd.png',
    )
    write(
        root / 'lists/localization.txt',
        'a.png,0,0,99,9',
        'b.png,0,0,nan,9',
        *(f'{key}.png,0,0,9,9' for key in 'abcd'),
    )
    (root / 'images/a.png').unlink()
    (root / 'images/b.png').write_bytes(b'')
    paint(root / 'images/c.png', 20, 40)
    check = check_split(config(root), 'test', workers=workers)
    found = [
        (error.path.removeprefix(f'{root}/'), error.place)
        for error in check.problems
    ]
    assert found == [
        ('lists/class_labels.txt', 'line 2'),
        ('lists/class_labels.txt', 'line 3'),
        ('lists/class_labels.txt', 'line 4'),
        ('lists/class_labels.txt', ''),  # lacks three
        ('lists/localization.txt', 'line 1'),
        ('lists/localization.txt', 'line 2'),
        ('images/a.png', ''),
        ('images/b.png', ''),
        ('images/c.png', ''),
    ]
    assert '40 x 20 pixels, as listed' in str(check.problems[-1])
    assert (check.images, check.classes, check.read) == (4, 1, 2)
    assert check.smallest == (20, 20)
    assert check.largest == (40, 40)


def test_a_box_outside_an_image_of_unlisted_size_is_found(root):
    (root / 'lists/image_sizes.txt').unlink()
    write(
        root / 'lists/localization.txt',
        *(f'{key}.png,0,0,9,9' for key in 'abcd'),
        'b.png,0,0,60,9',
    )
    (error,) = check_split(config(root), 'test').problems
    assert error.path == f'{root}/images/b.png'
    assert 'within 40 x 20 pixels, but got [0.0, 0.0, 60.0, 9.0]' in str(error)


def test_missing_masks_are_found(root):
    write(
        root / 'lists/localization.txt',
        *(f'{key}.png,{key}_m.png,{key}_i.png' for key in 'abcd'),
    )
    for key in 'abc':
        paint(root / f'images/{key}_m.png', 8, 8)
    for key in 'abd':
        paint(root / f'images/{key}_i.png', 8, 8)
    check = check_split(config(root, localization='masks'), 'test')
    names = [error.path.rsplit('/', 1)[1] for error in check.problems]
    assert names == ['c_i.png', 'd_m.png']
    assert check.boxes == 4


def test_a_missing_folder_of_lists_is_found(root):
    check = check_split(config(root, split_folder='gone'), 'train')
    paths = [e.path.removeprefix(f'{root}/') for e in check.problems]
    assert paths[:2] == ['gone/image_ids.txt', 'gone/class_labels.txt']
    assert check.images == 0


def test_rotations_by_exif_are_counted(root):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new('RGB', (40, 20)).save(root / 'images/a.png', exif=exif)
    check = check_split(config(root), 'train')
    assert (check.problems, check.rotated) == ([], 1)


def test_drawn_images_have_no_files():
    toy = dict(type='mmscm.ToyObjects', length=6, num_classes=3)
    check = check_split(Config(dict(val_dataloader=dict(dataset=toy))), 'val')
    assert (check.problems, check.images, check.classes) == ([], 6, 3)


def test_wrapped_data_sets_are_read_once(root):
    cfg = config(root)
    inner = cfg.train_dataloader.dataset
    cfg.train_dataloader.dataset = dict(
        type='RepeatDataset', times=3, dataset=inner
    )
    assert check_split(cfg, 'train', images=False).images == 4


def test_the_result_is_json(root):
    (root / 'images/a.png').unlink()
    content = json.loads(
        json.dumps(check_split(config(root), 'train').to_dict())
    )
    assert content['images'] == 4
    (problem,) = content['problems']
    assert problem['file'].endswith('images/a.png')
    assert 'no such file' in problem['message']
