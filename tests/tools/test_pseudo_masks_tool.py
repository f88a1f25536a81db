"""Stage one of SPOL writes masks of the train split, stage two learns them."""

import cv2
import torch
from mmengine.dataset import Compose
from tool_runs import ROOT, run_tool

from mmscm import get_model
from mmscm.apis import load_config
from mmscm.registry import DATASETS

SMALL = {
    'train_dataloader.dataset.length': 3,
    'train_dataloader.batch_size': 2,
    'train_dataloader.num_workers': 0,
    'train_dataloader.persistent_workers': False,
}


def config(name, **options):
    return load_config(ROOT / 'configs' / 'spol' / name, options=options)


def test_masks_of_one_stage_train_the_other(tmp_path, capsys):
    torch.manual_seed(0)
    weights = tmp_path / 'stage-1.pth'
    first = get_model(config('resnet-micro_toy.py'))
    torch.save(dict(state_dict=first.state_dict()), weights)
    masks = tmp_path / 'masks'
    options = [f'{key}={value}' for key, value in SMALL.items()]
    args = ['spol/resnet-micro_toy', weights, '--out-dir', masks]
    args += ['--device', 'cpu', '--cfg-options', *options]
    run_tool('pseudo_masks.py', *args)
    assert '3 masks: ' in capsys.readouterr().out
    names = sorted(path.name for path in masks.iterdir())
    assert names == ['0.png', '1.png', '2.png']
    grey = cv2.imread(str(masks / '0.png'), cv2.IMREAD_GRAYSCALE)
    assert grey.shape == (256, 256)

    cfg = config('resnet-micro_toy_masks.py', **SMALL)
    dataset = cfg.train_dataloader.dataset
    dataset.pipeline[0].folder = str(masks)
    assert Compose(dataset.pipeline)
    images = DATASETS.build(dataset)
    batch = [images[i] for i in range(3)]
    assert batch[0]['data_samples'].pseudo_mask.shape == (112, 112)
    second = get_model(cfg).train()
    inputs = torch.stack([each['inputs'] for each in batch]).float()
    losses = second.loss(inputs, [each['data_samples'] for each in batch])
    assert second.parse_losses(losses)[0].isfinite()
