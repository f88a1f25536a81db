from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config

from mmscm.registry import DATASETS

FOLDER = Path(__file__).parents[2] / 'configs/_base_/datasets'
SHARED = FOLDER / 'common.py'  # no data set, what they have in common
CONFIGS = sorted(set(FOLDER.glob('*.py')) - {SHARED})
BATCHES = {'cub_224': 256, 'imagenet_224': 512}  # 8 GPUs, paper Sec. 4.1


@pytest.fixture(params=CONFIGS, ids=lambda path: path.stem)
def config(request):
    return Config.fromfile(request.param)


def loaders(config):
    return [
        config[f'{split}_dataloader'] for split in ('train', 'val', 'test')
    ]


def test_only_training_is_shuffled_and_only_tests_are_strict(config):
    train, *others = loaders(config)
    assert train.sampler.shuffle
    assert not train.dataset.get('test_mode', False)
    for loader in others:
        assert not loader.sampler.shuffle
        assert loader.dataset.test_mode


def test_missing_data_is_named_with_where_to_get_it(
    config, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for loader in loaders(config):
        if 'data_root' in loader.dataset:
            with pytest.raises(FileNotFoundError, match=r'^data/.*README'):
                build_scoped(loader.dataset)


@pytest.mark.parametrize(('name', 'total'), BATCHES.items())
def test_the_batch_is_that_of_the_paper_on_eight_gpus(name, total):
    config = Config.fromfile(FOLDER / f'{name}.py')
    assert config.train_dataloader.batch_size * 8 == total


@pytest.mark.parametrize(
    ('name', 'cam_thr'), [('cub_224', 0.1), ('imagenet_224', 0.12)]
)
def test_the_only_fixed_threshold_is_that_of_tscam(name, cam_thr):
    config = Config.fromfile(FOLDER / f'{name}.py')
    for metrics in (config.val_evaluator, config.test_evaluator):
        fixed = [metric for metric in metrics if 'cam_thr' in metric]
        assert [m.protocol for m in fixed] == ['tscam']
        assert fixed[0].cam_thr == cam_thr


def test_toy_scenes_pass_their_pipelines():
    config = Config.fromfile(FOLDER / 'toy_112.py')
    for loader in loaders(config):
        sample = build_scoped(loader.dataset)[3]
        assert sample['inputs'].shape == (3, 112, 112)


def test_a_metadata_folder_passes_the_imagenette_pipelines(metadata_root):
    config = Config.fromfile(FOLDER / 'imagenette_112.py')
    _, _, test = loaders(config)
    test.dataset.update(data_root=str(metadata_root), data_prefix='images')
    packed = build_scoped(test.dataset)[0]
    assert packed['inputs'].shape == (3, 112, 112)
    # 40 x 20 to 112 x 112
    expected = [4 * 2.8, 2 * 5.6, 20 * 2.8, 10 * 5.6]
    assert packed['data_samples'].gt_bboxes[0] == pytest.approx(expected)


def build_scoped(dataset):
    with DATASETS.switch_scope_and_registry('mmpretrain'):
        return DATASETS.build(dataset)
