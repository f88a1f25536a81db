"""Boxes of one model are what another one learns (PSOL), from end to end."""

import cv2
import numpy as np
import pytest
import torch
from miniatures import write, write_lists
from mmengine.dataset import default_collate
from tiny_model import CLASSES, tiny_ddt_files, tiny_files
from tool_runs import run_tool
from toy_training import CONFIGS, train, trained

from mmscm import get_model
from mmscm.apis import build_runner, load_config
from mmscm.engine.hooks import FitDDTHook
from mmscm.registry import DATASETS

BOX = '8,4,40,30'


@pytest.fixture
def data(tmp_path):
    """Six images in the folders of imagenette, three with true boxes."""
    root = tmp_path / 'data'
    rng = np.random.default_rng(0)
    names = [f'images/{i}.png' for i in range(6)]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), rng.integers(0, 256, (40, 60, 3)))
    write(root / 'classes.txt', *CLASSES)
    for split, part in (('train', names[:3]), ('val', names[3:])):
        lists = dict(class_labels={name: i for i, name in enumerate(part)})
        lists['image_sizes'] = dict.fromkeys(part, '60,40')
        if split == 'val':
            lists['localization'] = dict.fromkeys(part, BOX)
        write_lists(root / 'metadata' / split, **lists)
    return root


def student(data, work_dir):
    """The config of imagenette with a small network, two iterations."""
    options = {
        'log_level': 'ERROR',
        'visualizer.vis_backends': [],
        'train_cfg.max_epochs': 2,
        'train_dataloader.batch_size': 3,
        'test_dataloader.dataset.split_folder': 'metadata/val',
        'data_preprocessor.num_classes': 3,
    }
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        options[f'{loader}.dataset.data_root'] = str(data)
        options[f'{loader}.num_workers'] = 0
        options[f'{loader}.persistent_workers'] = False
    config = CONFIGS / 'psol/efficientnet-lite0_imagenette.py'
    cfg = load_config(config, work_dir, options)
    small = dict(type='ResNet', depth=18, stem_channels=8, base_channels=8)
    cfg.model.pop('backbone')  # `update` merges
    cfg.model.update(backbone=small, in_channels=64)
    return cfg


@pytest.mark.slow
def test_a_student_learns_from_inferred_boxes_and_is_scored_by_true_ones(
    data, tmp_path
):
    files = tiny_files(tmp_path)
    split = '--split', data / 'metadata/train'
    run_tool('infer.py', data, *files, *split, '--out-dir', data / 'pseudo')
    assert len((data / 'pseudo/boxes.txt').read_text().splitlines()) == 3
    runner = train(student(data, tmp_path / 'run'))
    assert runner.iter == 2
    values = runner.test_loop.run()
    assert {'wsol/gt_known', 'wsol/max_box_acc_v2'} <= values.keys()
    names = trained(tmp_path / 'run')['state_dict']
    assert any(name.startswith('regressor.2') for name in names)
    # its own boxes again, as those of a first stage
    checkpoint = (tmp_path / 'run/last_checkpoint').read_text().strip()
    cfg = tmp_path / 'student.py'
    student(data, tmp_path).dump(cfg)
    args = data, cfg, checkpoint, *split, '--out-dir', data / 'second'
    run_tool('infer.py', *args)
    assert (data / 'second/boxes.txt').read_text().count('images/') == 3


@pytest.mark.slow
def test_a_student_learns_from_ddt_the_paper_s_first_stage(data, tmp_path):
    config, weights = tiny_ddt_files(tmp_path)
    args = data, config, weights, '--split', data / 'metadata/train'
    run_tool('infer.py', *args, '--out-dir', data / 'pseudo')
    cfg = student(data, tmp_path / 'run')
    cfg.train_cfg.max_epochs = 1
    assert train(cfg).iter == 1
    # its boxes are those of a test on the same images
    model = get_model(config, weights)
    pipeline = model._config.test_dataloader.dataset.pipeline
    dataset = DATASETS.build(
        cfg.train_dataloader.dataset | dict(pipeline=pipeline)
    )
    FitDDTHook(num_workers=0).fit(model, dataset)
    batch = model.data_preprocessor(default_collate([*dataset]))
    lines = (data / 'pseudo/boxes.txt').read_text().splitlines()
    for sample, line in zip(model.predict(**batch), lines, strict=True):
        box = sample.pred_bboxes[0] * torch.tensor([60 / 32, 40 / 32] * 2)
        found = [float(value) for value in line.split(',')[1:]]
        assert found == pytest.approx(box.tolist(), abs=0.01)


def test_validation_by_pseudo_boxes_says_which_key_is_wrong(data, tmp_path):
    write(data / 'boxes.txt', *(f'images/{i}.png,{BOX}' for i in range(6)))
    cfg = student(data, tmp_path / 'run')
    cfg.val_dataloader.dataset.pseudo_boxes = 'boxes.txt'
    with pytest.raises(ValueError, match=r"`pseudo_boxes` .*'boxes.txt'"):
        build_runner(cfg).val()
    cfg.val_dataloader.dataset.update(test_mode=False, localization='none')
    pack = cfg.val_dataloader.dataset.pipeline[-1]
    pack.algorithm_keys = ('pseudo_bboxes',)
    with pytest.raises(ValueError, match=r'`dataset\.pseudo_boxes`'):
        build_runner(cfg).val()
