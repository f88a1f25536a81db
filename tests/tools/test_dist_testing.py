"""A test of seven images gives the same in one process and in four."""

import pickle
from unittest import mock

import pytest
import torch
from dist_processes import launch
from image_rows import ImageRows, read_image_rows
from mmengine.config import Config
from mmengine.evaluator import DumpResults
from toy_training import CONFIG, SIDE, SMALL_MODEL

from mmscm import get_model
from mmscm.apis import build_runner, load_config, set_testing
from mmscm.apis.calibration import calibrate

IMAGES = 7
SMALL = dict(SMALL_MODEL)
for split in ('val', 'test'):
    SMALL |= {
        f'{split}_dataloader.num_workers': 0,
        f'{split}_dataloader.dataset.length': IMAGES,
        f'{split}_dataloader.dataset.img_size': SIDE,
    }


@pytest.fixture
def checkpoint(tmp_path):
    """Random weights of which maps differ from image to image."""
    model = get_model(load_config(CONFIG, tmp_path, SMALL))
    generator = torch.Generator().manual_seed(0)
    for weight in model.parameters():
        weight.data.normal_(std=0.3, generator=generator)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'random.pth')
    return tmp_path / 'random.pth'


def score(folder, checkpoint, launcher):
    """What tools/test.py --out and tools/calibrate.py do, and the values."""
    cfg = load_config(CONFIG, folder, SMALL)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        loader.batch_size = 1  # in larger ones, sums have another order
    # calibration gathers by files, the test over the network
    cfg.test_evaluator = [
        dict(metric, collect_device='gpu') for metric in cfg.test_evaluator
    ]
    with mock.patch.object(Config, 'pretty_text', ''):
        stored = calibrate(cfg, checkpoint, folder / 'out.pth', launcher)
        set_testing(cfg, str(checkpoint))
        runner = build_runner(cfg, launcher=launcher)
        dump = DumpResults(str(folder / 'maps.pkl'))
        runner.test_evaluator.metrics.append(dump)
        rows = ImageRows(folder, IMAGES, collect_device='gpu')
        runner.test_evaluator.metrics.append(rows)
        metrics = runner.test()
    if runner.rank == 0:
        rows.write(stored)
    torch.save((metrics, stored.cam_thrs), folder / f'{runner.rank}.pth')


def maps_of(folder):
    """Localization maps in the order of the set, (7, K, H, W)."""
    samples = pickle.loads((folder / 'maps.pkl').read_bytes())
    return [sample['localization_maps'] for sample in samples]


@pytest.mark.slow
def test_seven_images_score_the_same(tmp_path, checkpoint):
    one, four = tmp_path / 'one', tmp_path / 'four'
    one.mkdir()
    four.mkdir()
    score(one, checkpoint, 'none')
    launch(score, 4, four, checkpoint, 'pytorch')
    metrics, cam_thrs = torch.load(one / '0.pth')
    assert {'wsol/px_ap', 'wsol/max_box_acc_v2'} <= set(metrics)
    for rank in range(4):
        assert torch.load(four / f'{rank}.pth') == (metrics, cam_thrs)
    torch.testing.assert_close(maps_of(four), maps_of(one), rtol=0, atol=0)
    images = read_image_rows(one)
    assert len(images) == IMAGES
    assert read_image_rows(four) == images
    assert len(list((four / 'analysis').glob('*.jpg'))) == IMAGES
