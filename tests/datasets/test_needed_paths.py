from __future__ import annotations

import shutil

import pytest

from mmscm.datasets.needed_paths import needed_by_the_host
from mmscm.datasets.problems import DataError
from mmscm.registry import DATASETS

LOAD = [dict(type='mmscm.LoadImage')]


@pytest.fixture(params=['cub', 'imagenet', 'imagenet xml', 'wsol', 'nested'])
def entry(request, cub_root, ilsvrc_root, metadata_root):
    """A data set of a config, whose files are there."""
    lists = dict(
        type='mmscm.WSOLMetadata',
        data_root=str(metadata_root),
        split_folder='metadata/test',
        classes='classes.txt',
    )
    ilsvrc = dict(
        type='mmscm.ImageNetLocalization',
        data_root=str(ilsvrc_root),
        split='val',
        ann_file='meta/val.txt',
    )
    return {
        'cub': dict(
            type='mmscm.CUBLocalization', data_root=str(cub_root), split='test'
        ),
        'imagenet': ilsvrc | dict(boxes='localization.txt'),
        'imagenet xml': ilsvrc | dict(boxes='Annotations/CLS-LOC/val'),
        'wsol': lists | dict(data_prefix='images'),
        'nested': lists | dict(data_prefix=dict(img_path='images')),
    }[request.param] | dict(pipeline=LOAD)


def needed_of(entry):
    arguments = {k: v for k, v in entry.items() if k != 'type'}
    return list(DATASETS.get(entry['type']).needed_paths(**arguments))


def first_image(entry):
    return DATASETS.build(entry)[0]


def test_all_is_there_where_the_data_set_can_be_read(entry):
    assert first_image(entry)['img'].ndim == 3
    assert all(needed.is_there() for needed in needed_of(entry))


def test_none_is_named_that_the_data_set_can_do_without(entry):
    for needed in needed_of(entry):
        if needed.path.is_dir():
            moved = needed.path.rename(needed.path.with_name('elsewhere'))
        else:
            moved = shutil.move(needed.path, f'{needed.path}.elsewhere')
        assert not needed.is_there()
        with pytest.raises(DataError):
            first_image(entry)
        shutil.move(moved, needed.path)
    assert needed.is_there()


def test_each_follows_from_an_argument(entry):
    for needed in needed_of(entry):
        value = entry
        for key in needed.key.split('.'):
            value = value[key]
        assert needed.given == value


def test_labels_alone_need_no_boxes(metadata_root):
    arguments = dict(data_root=metadata_root, split_folder='metadata/test')
    kind = DATASETS.get('mmscm.WSOLMetadata')
    names = {
        localization: {
            needed.path.name
            for needed in kind.needed_paths(
                **arguments, localization=localization
            )
        }
        for localization in ('none', 'boxes', 'masks')
    }
    assert 'localization.txt' not in names['none']
    assert names['boxes'] == names['masks']
    assert names['boxes'] - names['none'] == {'localization.txt'}


@pytest.mark.parametrize('classes', ['cub', 'imagenet', ('a', 'b'), None])
def test_known_names_need_no_file(metadata_root, classes):
    kind = DATASETS.get('mmscm.WSOLMetadata')
    found = kind.needed_paths(str(metadata_root), 'list', classes=classes)
    assert 'classes' not in {needed.key for needed in found}


def test_a_folder_is_no_list_and_a_list_no_folder(cub_root):
    kind = DATASETS.get('mmscm.CUBLocalization')
    (cub_root / 'images.txt').unlink()
    (cub_root / 'images.txt').mkdir()
    shutil.rmtree(cub_root / 'images')
    (cub_root / 'images').touch()
    missing = [
        needed.path.name
        for needed in kind.needed_paths(str(cub_root))
        if not needed.is_there()
    ]
    assert missing == ['images.txt', 'images']


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (dict(), {}),
        (dict(data_root='', ann_file=''), {}),
        (dict(ann_file='a.txt'), {'ann_file': 'a.txt'}),
        (
            dict(data_root='r', ann_file='a.txt', test_mode=True),
            {'data_root': 'r', 'ann_file': 'r/a.txt'},
        ),
        (
            dict(data_root='r', ann_file='/abs/a.txt'),
            {'data_root': 'r', 'ann_file': '/abs/a.txt'},
        ),
    ],
)
def test_the_host_joins_lists_to_the_root(arguments, expected):
    found = needed_by_the_host(**arguments)
    assert {n.key: n.path.as_posix() for n in found} == expected
