from __future__ import annotations

import copy
import pickle

import pytest
from miniatures import write

from mmscm.datasets import CUBLocalization, WSOLMetadata
from mmscm.datasets.annotations import AnnotationError
from mmscm.registry import DATASETS


def build(root, **kwargs):
    arguments = dict(
        data_root=str(root),
        split_folder='metadata/test',
        data_prefix='images',
        num_classes=2,
    )
    return WSOLMetadata(**{**arguments, **kwargs})


def infos(dataset):
    samples = (dataset.get_data_info(i) for i in range(len(dataset)))
    return [{k: str(v) for k, v in sample.items()} for sample in samples]


def labels(dataset):
    return [dataset.get_data_info(i)['gt_label'] for i in range(len(dataset))]


@pytest.fixture
def five(metadata_root):
    """Root of five images a/0.jpg to a/4.jpg, image i with label i."""
    folder = metadata_root / 'metadata/test'
    ids = [f'a/{i}.jpg' for i in range(5)]
    write(folder / 'image_ids.txt', *ids)
    backwards = (f'a/{i}.jpg,{i}' for i in reversed(range(5)))
    write(folder / 'class_labels.txt', *backwards)
    write(folder / 'localization.txt', *(f'{key},0,0,9,9' for key in ids))
    return metadata_root


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


def test_lists_may_have_any_order(five):
    assert labels(build(five, num_classes=5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('serialize', [True, False])
def test_a_sample_that_is_changed_is_not_changed_in_the_data_set(
    five, serialize
):
    dataset = build(five, num_classes=5, serialize_data=serialize)
    dataset.get_data_info(0)['gt_bboxes'] += 7
    assert dataset.get_data_info(0)['gt_bboxes'].tolist() == [[0, 0, 9, 9]]
    assert dataset.get_data_info(-1)['sample_idx'] == 4


@pytest.mark.parametrize('serialize', [True, False])
@pytest.mark.parametrize(
    ('indices', 'left'), [(2, [0, 1]), (-2, [3, 4]), ([4, 0, 4], [4, 0, 4])]
)
def test_subsets_are_those_of_the_host(five, indices, left, serialize):
    options = dict(num_classes=5, serialize_data=serialize)
    assert labels(build(five, **options).get_subset(indices)) == left
    assert labels(build(five, **options, indices=indices)) == left


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_have_the_same_samples(metadata_root, copied):
    dataset = build(metadata_root)
    assert infos(copied(dataset)) == infos(dataset)


def test_a_training_set_needs_no_boxes(metadata_root):
    (metadata_root / 'metadata/test/localization.txt').unlink()
    first, _ = build(metadata_root, localization='none')
    assert 'gt_bboxes' not in first
    with pytest.raises(
        FileNotFoundError, match=r"localization.txt: .*`localization='none'`"
    ):
        build(metadata_root)


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
    names = build(metadata_root, classes=classes, num_classes=None).CLASSES
    assert names[0] == first
    assert len(names) == count


def test_masks_are_listed_with_or_without_a_region_to_ignore(metadata_root):
    write(
        metadata_root / 'metadata/test/localization.txt',
        'a/1.jpg,a/1_m0.png,a/1_ignore.png',
        'a/1.jpg,a/1_m1.png,',
        'b/2.jpg,b/2_m0.png,',
    )
    prefix = dict(img_path='images', mask_path='masks')
    first, second = build(
        metadata_root, localization='masks', data_prefix=prefix
    )
    root = f'{metadata_root}/masks/a'
    assert first['mask_paths'] == [f'{root}/1_m0.png', f'{root}/1_m1.png']
    assert first['ignore_path'] == f'{root}/1_ignore.png'
    assert 'ignore_path' not in second


@pytest.mark.parametrize(
    ('name', 'lines', 'expected'),
    [
        ('image_ids.txt', ['a/1.jpg', 'a/1.jpg'], 'line 2: .*each id once'),
        ('image_ids.txt', ['a/1.jpg', 'c.jpg'], 'line 2: .*class_labels.txt'),
        ('image_ids.txt', ['a/1.jpg', '../2.jpg'], 'line 2: .*without `..`'),
        ('class_labels.txt', ['a/1.jpg,0', 'b/2.jpg,2'], r'line 2: .*\[0, 1'),
        ('localization.txt', ['a/1.jpg,0,0,9,9'], 'lacks 1 of .*b/2.jpg'),
        ('localization.txt', ['a/1.jpg,0,0,9,99'], 'line 1: .*40 x 20 pixels'),
        ('image_sizes.txt', ['a/1.jpg,40,-20'], 'line 1: .*positive'),
    ],
)
def test_a_wrong_list_is_named(metadata_root, name, lines, expected):
    path = write(metadata_root / 'metadata/test' / name, *lines)
    with pytest.raises(AnnotationError, match=expected) as error:
        build(metadata_root)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('image_ids.txt', r"1 are not there, the first: \['b/2.jpg'\]"),
        ('class_labels.txt', r'image_ids.txt, line 2: .*label.*b/2.jpg'),
    ],
)
def test_an_id_of_one_list_only_is_named(metadata_root, name, expected):
    write(metadata_root / 'metadata/test' / name, ['a/1.jpg', '0'][0])
    if name == 'class_labels.txt':
        write(metadata_root / 'metadata/test' / name, 'a/1.jpg,0')
    with pytest.raises(AnnotationError, match=expected):
        build(metadata_root, localization='none')


def test_a_set_without_images_is_refused(metadata_root):
    write(metadata_root / 'metadata/test/image_ids.txt')
    write(metadata_root / 'metadata/test/class_labels.txt')
    with pytest.raises(AnnotationError, match=r'metadata/test: .*images'):
        build(metadata_root, localization='none')


def test_as_many_classes_as_names_are_expected(metadata_root):
    with pytest.raises(ValueError, match=r'`num_classes` 2, .* but got 3'):
        build(metadata_root, classes=('a', 'b'), num_classes=3)


def test_an_unknown_localization_is_refused(metadata_root):
    with pytest.raises(ValueError, match=r"Expected `localization`.*'box'"):
        build(metadata_root, localization='box')


@pytest.mark.parametrize(
    ('fixture', 'kind'),
    [
        ('metadata_root', build),
        ('cub_root', lambda root: CUBLocalization(str(root), split='test')),
    ],
)
def test_lists_written_on_windows_are_the_same(request, fixture, kind):
    """CR LF, a byte order mark, blank lines and trailing spaces."""
    root = request.getfixturevalue(fixture)
    before = infos(kind(root))
    for path in root.rglob('*.txt'):
        lines = path.read_text().splitlines()
        text = '\ufeff' + '\r\n\r\n'.join(f'{line} ' for line in lines)
        path.write_bytes(text.encode())
    assert infos(kind(root)) == before
