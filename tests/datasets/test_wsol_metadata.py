import copy
import pickle

import pytest
from miniatures import write

from mmscm.datasets import WSOLMetadata
from mmscm.datasets.annotations import AnnotationError


def build(root, **kwargs):
    options = dict(split_folder='metadata/test', data_prefix='images')
    options |= dict(num_classes=2) | kwargs
    return WSOLMetadata(data_root=str(root), **options)


def infos(dataset):
    samples = (dataset.get_data_info(i) for i in range(len(dataset)))
    return [{k: str(v) for k, v in sample.items()} for sample in samples]


def test_a_sample_has_path_label_boxes_and_size(metadata_root):
    first, second = build(metadata_root)
    assert first['img_path'] == f'{metadata_root}/images/a/1.jpg'
    assert [first['gt_label'], second['gt_label']] == [0, 1]
    assert first['gt_bboxes'].tolist() == [[4, 2, 20, 10]]
    assert first['ori_shape'] == (20, 40)
    assert second['gt_bboxes'].tolist() == [[0, 0, 30, 30], [5, 6, 7, 8]]


@pytest.mark.parametrize('serialize', [True, False])
def test_subsets_and_copies_are_those_of_the_host(metadata_root, serialize):
    folder = metadata_root / 'metadata/test'
    ids = [f'a/{i}.jpg' for i in range(5)]
    write(folder / 'image_ids.txt', *ids)
    labels = [f'{key},{label}' for label, key in enumerate(ids)]
    write(folder / 'class_labels.txt', *labels)
    write(folder / 'localization.txt', *(f'{key},0,0,9,9' for key in ids))
    options = dict(num_classes=5, serialize_data=serialize)
    dataset = build(metadata_root, **options)
    for indices, left in ((2, [0, 1]), (-2, [3, 4]), ([4, 0, 4], [4, 0, 4])):
        subset = build(metadata_root, **options, indices=indices)
        assert infos(dataset.get_subset(indices)) == infos(subset)
        assert subset.get_gt_labels().tolist() == left
    assert infos(copy.deepcopy(dataset)) == infos(dataset)
    assert infos(pickle.loads(pickle.dumps(dataset))) == infos(dataset)
    # a sample that is changed is not changed in the data set
    dataset.get_data_info(0)['gt_bboxes'] += 7
    assert dataset.get_data_info(0)['gt_bboxes'].tolist() == [[0, 0, 9, 9]]
    assert dataset.get_data_info(-1)['sample_idx'] == 4


@pytest.mark.parametrize(
    ('types', 'keys', 'message'),
    [
        (['ResizeEdge', 'CenterCrop'], ['gt_bboxes'], 'got ResizeEdge'),
        (['RandomCrop'], ['pseudo_bboxes'], 'got RandomCrop of the host'),
        (
            ['mmscm.RandomCrop', 'mmscm.LoadLocalizationMask'],
            ['gt_mask'],
            'after RandomCrop',
        ),
    ],
)
def test_boxes_and_masks_left_behind_the_pixels_are_refused(
    metadata_root, types, keys, message
):
    sizes = dict(ResizeEdge=dict(scale=8), LoadLocalizationMask={})
    steps = [
        dict(type=name, **sizes.get(name.split('.')[-1], dict(crop_size=8)))
        for name in types
    ]
    pipeline = [*steps, dict(type='PackInputs', algorithm_keys=keys)]
    with pytest.raises(ValueError, match=message):
        build(metadata_root, pipeline=pipeline)
    build(metadata_root, pipeline=[*steps[:-1], dict(type='PackInputs')])


def test_sizes_may_be_missing_and_in_training_boxes_too(metadata_root):
    (metadata_root / 'metadata/test/image_sizes.txt').unlink()
    assert 'ori_shape' not in build(metadata_root)[0]
    (metadata_root / 'metadata/test/localization.txt').unlink()
    assert 'gt_bboxes' not in build(metadata_root, localization='none')[0]
    message = r"localization.txt: .*`localization='none'`"
    with pytest.raises(FileNotFoundError, match=message):
        build(metadata_root)


def test_usual_class_names_are_known(metadata_root):
    for classes, first, count in (
        ('cub', 'Black_footed_Albatross', 200),
        ('imagenet', 'tench, Tinca tinca', 1000),
        ('classes.txt', 'tench', 2),
    ):
        names = build(metadata_root, classes=classes, num_classes=None).CLASSES
        assert (names[0], len(names)) == (first, count)


def test_masks_are_listed_with_or_without_a_region_to_ignore(metadata_root):
    write(
        metadata_root / 'metadata/test/localization.txt',
        'a/1.jpg,a/1_m0.png,a/1_ignore.png',
        'a/1.jpg,a/1_m1.png,',
        'b/2.jpg,b/2_m0.png,',
    )
    first, second = build(metadata_root, localization='masks')
    root = f'{metadata_root}/images/a'
    assert first['mask_paths'] == [f'{root}/1_m0.png', f'{root}/1_m1.png']
    assert first['ignore_path'] == f'{root}/1_ignore.png'
    assert 'ignore_path' not in second


IDS = 'image_ids.txt'


@pytest.mark.parametrize(
    ('name', 'lines', 'expected'),
    [
        (IDS, ['a/1.jpg', 'a/1.jpg'], 'image_.*line 2: .*id .*onc'),
        (IDS, ['a/1.jpg', '../2'], 'image_.*line 2: .*without `..'),
        (IDS, ['a/1.jpg', 'c'], r"labels.*lacks 1 .*\['c'\]"),
        (IDS, ['a/1.jpg'], r"labels.*adds 1 .*\['b/2.jpg'\]"),
        (IDS, [], 'labels.*adds 2'),
        ('class_labels.txt', ['a/1.jpg,0', 'b/2.jpg,2'], r'line 2: .*\[0, 1'),
        ('localization.txt', ['a/1.jpg,0,0,9,9'], 'loc.*lacks 1 .*b/2.jpg'),
        ('localization.txt', ['a/1.jpg,0,0,9,99'], 'line 1: .*40 x 20 pixels'),
        ('image_sizes.txt', ['a/1.jpg,40,-20'], 'line 1: .*positive'),
    ],
)
def test_a_wrong_list_is_named(metadata_root, name, lines, expected):
    write(metadata_root / 'metadata/test' / name, *lines)
    with pytest.raises(AnnotationError, match=expected):
        build(metadata_root)


def test_a_set_without_images_is_refused(metadata_root):
    write(metadata_root / 'metadata/test/image_ids.txt')
    write(metadata_root / 'metadata/test/class_labels.txt')
    with pytest.raises(AnnotationError, match=r'metadata/test: .*images'):
        build(metadata_root, localization='none')


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (dict(classes=('a', 'b'), num_classes=3), '`num_classes` 2, .*got 3'),
        (dict(localization='box'), r"Expected `localization`.*'box'"),
    ],
)
def test_wrong_arguments_are_named(metadata_root, arguments, expected):
    with pytest.raises(ValueError, match=expected):
        build(metadata_root, **arguments)


def with_pseudo_boxes(root, *lines, **kwargs):
    """The set, which learns from the boxes of these lines."""
    write(root / 'boxes.txt', *lines)
    options = dict(localization='none', pseudo_boxes='boxes.txt')
    return build(root, **options | kwargs)


def test_pseudo_boxes_are_kept_apart_from_true_ones(metadata_root):
    lines = 'b/2.jpg,1.5,2,3,4', 'a/1.jpg,0,0,40,20', 'c/3.jpg,0,0,1,1'
    first, second = with_pseudo_boxes(metadata_root, *lines)
    assert 'gt_bboxes' not in first
    assert first['pseudo_bboxes'].tolist() == [[0, 0, 40, 20]]
    assert second['pseudo_bboxes'].tolist() == [[1.5, 2, 3, 4]]
    assert first['ori_shape'] == (20, 40)
    both = with_pseudo_boxes(metadata_root, *lines, localization='boxes')[0]
    assert both['gt_bboxes'].tolist() == [[4, 2, 20, 10]]
    assert both['pseudo_bboxes'].tolist() == [[0, 0, 40, 20]]


@pytest.mark.parametrize(
    ('lines', 'expected'),
    [
        (['a/1.jpg,0,0,9,9'], r"boxes.txt: .*lacks 1 .*\['b/2.jpg'\]"),
        (['a/1.jpg,0,0,9,99'], 'boxes.txt, line 1: .*40 x 20 pixels'),
        (['a/1.jpg,9,0,9,9'], 'boxes.txt, line 1: .*x0 < x1'),
    ],
)
def test_wrong_pseudo_boxes_are_named(metadata_root, lines, expected):
    with pytest.raises(AnnotationError, match=expected):
        with_pseudo_boxes(metadata_root, *lines)


def test_missing_pseudo_boxes_are_named(metadata_root):
    with pytest.raises(FileNotFoundError, match=r'none.txt: .*infer.py --sp'):
        build(metadata_root, pseudo_boxes='none.txt')


def test_pseudo_boxes_are_refused_in_test_mode(metadata_root):
    with pytest.raises(ValueError, match=r"`pseudo_boxes` in .*'boxes.txt'"):
        with_pseudo_boxes(metadata_root, test_mode=True)
