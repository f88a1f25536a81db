from pathlib import Path

import pytest
from mmengine.config import Config

from mmscm.registry import DATASETS

FOLDER = Path(__file__).parents[2] / 'configs/_base_/datasets'
SHARED = FOLDER / 'common.py'  # no data set, what they have in common
CONFIGS = sorted(set(FOLDER.glob('*.py')) - {SHARED})


def loaders(path):
    config, splits = Config.fromfile(path), ('train', 'val', 'test')
    return [config[f'{split}_dataloader'] for split in splits]


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_only_training_is_shuffled_and_missing_data_is_named(
    path, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    train, *others = loaders(path)
    assert train.sampler.shuffle
    assert not train.dataset.get('test_mode', False)
    for loader in others:
        assert not loader.sampler.shuffle
        assert loader.dataset.test_mode
    for loader in (train, *others):
        if 'data_root' in loader.dataset:
            with pytest.raises(FileNotFoundError, match=r'^data/.*README'):
                DATASETS.build(loader.dataset)


@pytest.mark.parametrize(
    ('name', 'total', 'cam_thr'),
    [('cub_224', 256, 0.1), ('imagenet_224', 512, 0.12)],
)
def test_batch_and_fixed_threshold_are_those_of_papers(name, total, cam_thr):
    config = Config.fromfile(FOLDER / f'{name}.py')
    assert config.train_dataloader.batch_size * 8 == total  # SCM, 8 GPUs
    for metrics in (config.val_evaluator, config.test_evaluator):
        [fixed] = [metric for metric in metrics if 'cam_thr' in metric]
        assert (fixed.protocol, fixed.cam_thr) == ('tscam', cam_thr)


def test_toy_scenes_pass_their_pipelines():
    for loader in loaders(FOLDER / 'toy_112.py'):
        sample = DATASETS.build(loader.dataset)[3]
        assert sample['inputs'].shape == (3, 112, 112)
        assert sample['data_samples'].gt_label.item() == 3
    assert sample['data_samples'].gt_mask.max() == 1


def test_a_metadata_folder_passes_the_imagenette_pipelines(metadata_root):
    _, _, test = loaders(FOLDER / 'imagenette_112.py')
    test.dataset.update(data_root=str(metadata_root), data_prefix='images')
    packed = DATASETS.build(test.dataset)[0]
    assert packed['inputs'].shape == (3, 112, 112)
    # 40 x 20 to 112 x 112
    expected = [4 * 2.8, 2 * 5.6, 20 * 2.8, 10 * 5.6]
    assert packed['data_samples'].gt_bboxes[0] == pytest.approx(expected)
