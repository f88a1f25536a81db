"""Lists for images in class folders."""

import shutil
from pathlib import Path

import pytest
from class_folders import convert
from miniatures import paint, write

from mmscm.datasets import WSOLMetadata


@pytest.fixture
def folder(tmp_path):
    """Ten cats and ten dogs; the first six of each have a box."""
    names = ('cat', 'dog')
    keys = [f'images/{name}/{i}.png' for name in names for i in range(10)]
    for key in keys:
        paint(tmp_path / key, 12, 9)
    boxed = [f'{key},1,2,7,8.5' for key in (*keys[:6], *keys[10:16])]
    write(tmp_path / 'boxes.txt', *boxed)
    return tmp_path


def counts_of(done):
    """Number of images by split, from what the converter prints."""
    return [int(line.split()[-2]) for line in done.splitlines()[:3]]


def load(folder, split, **options):
    options |= dict(split_folder=f'metadata/{split}', classes='classes.txt')
    return list(WSOLMetadata(data_root=str(folder), **options))


def ids_of(samples):
    return {sample['img_path'] for sample in samples}


def test_held_out_images_have_boxes_and_splits_share_no_image(folder):
    done = convert(folder, folder / 'boxes.txt', val=0.5, test=1 / 3)
    # of the six boxed images of each class three and two; the rest trains
    assert counts_of(done) == [10, 6, 4]
    held = [*load(folder, 'val'), *load(folder, 'test')]
    assert held[0]['gt_bboxes'].tolist() == [[1, 2, 7, 8.5]]
    assert held[0]['ori_shape'] == (9, 12)
    train = load(folder, 'train', localization='none')
    assert len(ids_of([*held, *train])) == 20


def test_without_boxes_every_image_may_be_held_out(folder):
    convert(folder, folder / 'boxes.txt')
    done = convert(folder, None, val=0.2, test=0.3)
    assert not (folder / 'metadata/val/localization.txt').exists()
    assert counts_of(done) == [10, 4, 6]
    samples = load(folder, 'val', localization='none')
    assert [sample['gt_label'] for sample in samples] == [0, 0, 1, 1]


def test_the_seed_decides(folder):
    def val_of(seed):
        convert(folder, None, seed=seed)
        return ids_of(load(folder, 'val', localization='none'))

    assert val_of(1) == val_of(1) != val_of(2)


def strange_box(path):
    write(path, 'cat/0.png,1,2,7,8')


@pytest.mark.parametrize(
    ('change', 'what', 'expected'),
    [
        (str, '', r'leave some.*got 0\.5 and 0\.5'),
        (strange_box, 'boxes.txt', r'boxes\.txt.*cat/0\.png'),
        (Path.mkdir, 'images/cow', 'none of cow'),
        (shutil.rmtree, 'images/cat', r'got 1\. .* without the object'),
        (shutil.rmtree, 'images', 'images: Expected a folder'),
    ],
)
def test_mistakes_are_named(folder, change, what, expected):
    change(folder / what)
    shares = {} if what else dict(val=0.5, test=0.5)
    with pytest.raises((ValueError, FileNotFoundError), match=expected):
        convert(folder, folder / 'boxes.txt', **shares)


def test_what_is_left_out_is_counted_and_hidden_folders_are_no_classes(folder):
    for name in ('.thumbnails', 'cat/kittens'):
        (folder / 'images' / name).mkdir()
    for name in ('cat/.h.png', 'cat/a.gif', 'dog/b.GIF', 'readme.txt'):
        (folder / 'images' / name).touch()
    for suffix in ('tif', 'webp'):
        paint(folder / f'images/dog/10.{suffix}', 12, 9)
    done = convert(folder, val=0, test=0)
    assert counts_of(done) == [22, 0, 0]
    assert sorted(done.splitlines()[3:]) == [
        f'{folder}/images: left out 1 files beside the class folders',
        f'{folder}/images: left out 1 folders within class folders',
        f'{folder}/images: left out 2 files with suffix .gif',
    ]
    samples = load(folder, 'train', localization='none')
    assert [samples[i]['gt_label'] for i in (0, 21)] == [0, 1]


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
        paint(tmp_path / 'images' / name / 'ä.png', 12, 9)
    if not fine:
        with pytest.raises(ValueError, match='Rename the folders'):
            convert(tmp_path, val=0, test=0)
        return
    convert(tmp_path, val=0, test=0)
    [first, _] = load(tmp_path, 'train', localization='none')
    assert first['img_path'] == f'{tmp_path}/images/{names[0]}/ä.png'
    assert (tmp_path / 'classes.txt').read_text().splitlines() == [*names]
