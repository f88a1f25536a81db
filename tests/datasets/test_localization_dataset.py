from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from bad_images import save
from miniatures import write
from mmengine.dataset import (
    ClassBalancedDataset,
    ConcatDataset,
    RepeatDataset,
    worker_init_fn,
)
from torch.utils.data import DataLoader

from mmscm.datasets import LoadImage, WSOLMetadata
from mmscm.datasets.problems import AnnotationError, ImageError
from mmscm.datasets.sample_table import SampleTable


def build(root, **kwargs):
    arguments = dict(
        data_root=str(root),
        split_folder='metadata/test',
        data_prefix='images',
        num_classes=2,
    )
    return WSOLMetadata(**{**arguments, **kwargs})


def names(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [info['img_path'][-7:] for info in infos]


@pytest.fixture
def five(metadata_root):
    """Root of five images a/0.jpg to a/4.jpg, the last two of class 1."""
    folder = metadata_root / 'metadata/test'
    ids = [f'a/{i}.jpg' for i in range(5)]
    content = (metadata_root / 'images/a/1.jpg').read_bytes()
    for key in ids:
        save(metadata_root / 'images' / key, content)
    write(folder / 'image_ids.txt', *ids)
    labels = [f'{key},{int(i > 2)}' for i, key in enumerate(ids)]
    write(folder / 'class_labels.txt', *labels)
    boxes = [f'{key},{i},0,20,10' for i, key in enumerate(ids)]
    write(folder / 'localization.txt', *boxes)
    write(folder / 'image_sizes.txt', *(f'{key},40,20' for key in ids))
    return metadata_root


@pytest.mark.parametrize('serialize', [True, False])
def test_samples_stay_in_columns(five, serialize):
    dataset = build(five, serialize_data=serialize)
    assert isinstance(dataset.data_list, SampleTable)
    assert len(dataset) == 5
    assert dataset.get_data_info(-1)['sample_idx'] == 4
    assert dataset.get_data_info(3)['gt_bboxes'].tolist() == [[3, 0, 20, 10]]
    assert dataset.get_cat_ids(3) == [1]
    assert dataset.get_gt_labels().tolist() == [0, 0, 0, 1, 1]
    with pytest.raises(IndexError):
        dataset.get_data_info(5)


def test_a_sample_that_is_changed_is_not_changed_in_the_data_set(five):
    dataset = build(five)
    dataset.get_data_info(0)['gt_bboxes'] += 7
    assert dataset.get_data_info(0)['gt_bboxes'].tolist() == [[0, 0, 20, 10]]


@pytest.mark.parametrize(
    ('indices', 'left'),
    [
        (2, ['0', '1']),
        (-2, ['3', '4']),
        ([4, 0, 4], ['4', '0', '4']),
        (0, []),
    ],
)
def test_subsets_are_those_of_the_host(five, indices, left):
    wanted = [f'a/{i}.jpg' for i in left]
    dataset = build(five)
    subset = dataset.get_subset(indices)
    assert names(subset) == wanted
    assert isinstance(subset.data_list, SampleTable)
    assert len(dataset) == 5
    dataset.get_subset_(indices)
    assert names(dataset) == wanted
    if left:
        assert names(build(five, indices=indices)) == wanted


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_have_the_same_samples(five, copied):
    dataset = build(five, pipeline=[LoadImage()])
    assert names(copied(dataset)) == names(dataset)


def test_wrappers_of_the_host_work(five):
    dataset = build(five)
    assert len(RepeatDataset(dataset, 3)) == 15
    assert len(ConcatDataset([dataset, dataset])) == 10
    balanced = ClassBalancedDataset(dataset, oversample_thr=0.5)
    # class 1 has 2 of 5: sqrt(0.5 / 0.4) = 1.1, rounded up
    assert names(balanced)[3:] == ['a/3.jpg'] * 2 + ['a/4.jpg'] * 2


class Filtered(WSOLMetadata):
    def filter_data(self):
        least = self.filter_cfg['least']
        return [s for s in self.data_list if s['gt_label'] >= least]


@pytest.mark.parametrize('serialize', [True, False])
def test_a_filter_may_return_a_list_which_is_serialised(five, serialize):
    dataset = Filtered(
        str(five),
        'metadata/test',
        'images',
        filter_cfg=dict(least=1),
        serialize_data=serialize,
    )
    assert names(dataset) == ['a/3.jpg', 'a/4.jpg']
    assert bool(dataset.data_list) is not serialize


def test_a_set_without_images_is_refused(five):
    write(five / 'metadata/test/image_ids.txt')
    write(five / 'metadata/test/class_labels.txt')
    with pytest.raises(AnnotationError, match=r'metadata/test: .*images'):
        build(five, localization='none')


def loader(dataset, workers, **kwargs):
    return DataLoader(
        dataset,
        batch_size=None,
        num_workers=workers,
        worker_init_fn=lambda i: worker_init_fn(i, max(workers, 1), 0, 0),
        **kwargs,
    )


@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize('kwargs', [{}, {'test_mode': True}])
def test_a_bad_image_stops_training_and_tests_with_its_name(
    five, kwargs, workers
):
    save(five / 'images/a/3.jpg', b'')
    dataset = build(five, pipeline=[LoadImage()], **kwargs)
    with pytest.raises(ImageError, match=r'a/3.jpg: .*the file is empty'):
        list(loader(dataset, workers))


@pytest.mark.parametrize('workers', [0, 2])
def test_skipped_images_are_replaced_and_flagged_in_all_workers(five, workers):
    save(five / 'images/a/1.jpg', b'no image')
    (five / 'images/a/2.jpg').unlink()
    dataset = build(five, pipeline=[LoadImage()], skip_bad_images=True)
    np.random.seed(0)
    samples = list(loader(dataset, workers))
    assert [s['img'].shape for s in samples] == [(20, 40, 3)] * 5
    assert [samples[i]['sample_idx'] for i in (0, 3, 4)] == [0, 3, 4]
    assert samples[1]['sample_idx'] in (0, 3, 4)
    assert dataset.skipped.tolist() == [0, 1, 1, 0, 0]


def test_a_subset_has_its_own_flags(five):
    save(five / 'images/a/4.jpg', b'')
    dataset = build(five, pipeline=[LoadImage()], skip_bad_images=True)
    subset = dataset.get_subset([3, 4])
    assert subset[1]['sample_idx'] == 0
    assert subset.skipped.tolist() == [0, 1]
    assert not dataset.skipped.any()


def test_a_set_of_bad_images_only_is_an_error(five):
    for i in range(5):
        save(five / f'images/a/{i}.jpg', b'')
    dataset = build(five, pipeline=[LoadImage()], skip_bad_images=True)
    with pytest.raises(ImageError, match=r'.jpg: .*empty'):
        dataset[0]


def test_no_image_is_skipped_in_a_test(five):
    with pytest.raises(ValueError, match=r'training only.*`test_mode`'):
        build(five, skip_bad_images=True, test_mode=True)


def test_a_loader_that_names_no_bad_images_is_refused(five):
    pipeline = [dict(type='LoadImageFromFile')]
    with pytest.raises(ValueError, match=r'Expected `mmscm.LoadImage`'):
        build(five, skip_bad_images=True, pipeline=pipeline)
