"""No way to a checkpoint runs what is in it.

Those through mmengine's Runner are safe in the tools, which own their
process; ``import mmscm`` alone changes nothing there.
"""

import pickle
from functools import partial
from pathlib import Path

import pytest
import torch
from convert_released import convert_file
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import load_checkpoint
from served import served
from tiny_model import tiny_config as tiny_config_of_vit
from tiny_model import tiny_files
from tiny_runner import TinyModel, tiny_config
from traps import inflating_archive, trapped_checkpoint

from mmscm import LocalizationInferencer, get_model
from mmscm.apis import build_runner, set_testing, set_training
from mmscm.engine.checkpoint import (
    FORCE,
    read_checkpoint,
    refuse_code_in_checkpoints,
)
from mmscm.engine.thresholds import store_thresholds


@pytest.fixture(autouse=True)
def as_a_tool(monkeypatch):
    monkeypatch.setenv(FORCE, '')  # to be taken back
    refuse_code_in_checkpoints()


@pytest.fixture
def evil(tmp_path):
    """The path of a trapped checkpoint, whose trap must not spring."""
    path, harm = trapped_checkpoint(tmp_path)
    yield str(path)
    assert not harm.exists()


def test_the_trap_works(tmp_path, monkeypatch):
    monkeypatch.delenv(FORCE)
    path, harm = trapped_checkpoint(tmp_path)
    torch.load(path, weights_only=False)
    assert harm.exists()


def train_from(path, folder):
    cfg = tiny_config(str(folder), max_epochs=1)
    cfg.load_from = path
    build_runner(cfg).train()


def resume(path, folder):
    cfg = tiny_config(str(folder), max_epochs=1)
    cfg.default_hooks.require_weights = dict(type='mmscm.RequireWeightsHook')
    set_training(cfg, resume=path)
    build_runner(cfg).train()


def score(path, folder):
    cfg = tiny_config(str(folder))
    set_testing(cfg, path)
    build_runner(cfg).test()


def start_from(path, folder):
    cfg = tiny_config_of_vit().model.backbone
    cfg.init_cfg = dict(type='Pretrained', checkpoint=path)
    MODELS.build(cfg).init_weights()


def infer(path, folder):
    LocalizationInferencer(tiny_files(folder)[0], path, 'cpu')


def zoo(path, folder):
    get_model(tiny_files(folder)[0], path)


WAYS = {
    'load_from': train_from,
    'resume': resume,
    'test': score,
    'init_cfg': start_from,
    'infer': infer,
    'get_model': zoo,
    'convert': lambda path, folder: convert_file(path, folder / 'out.pth'),
    'calibrate': lambda path, folder: store_thresholds(path, None),
}
OWN = ['infer', 'get_model', 'convert', 'calibrate']
TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.mark.parametrize('way', WAYS.values(), ids=WAYS)
def test_code_in_a_checkpoint_is_not_run(way, evil, tmp_path):
    with pytest.raises(pickle.UnpicklingError, match=r'mkdir'):
        way(evil, tmp_path)


def test_a_loader_that_asks_torch_to_run_code_is_refused(evil):
    # mmengine's fork does, when the safe way fails
    with pytest.raises(pickle.UnpicklingError, match='mkdir'):
        torch.load(evil, weights_only=False)


@pytest.mark.parametrize('way', OWN)
def test_what_mmscm_reads_itself_is_safe_in_any_process(
    way, evil, tmp_path, monkeypatch
):
    monkeypatch.delenv(FORCE)
    with pytest.raises(pickle.UnpicklingError, match=r'mkdir') as caught:
        WAYS[way](evil, tmp_path)
    assert evil in str(caught.value)


@pytest.mark.parametrize('tool', ['train', 'test', 'calibrate'])
def test_a_tool_that_runs_a_runner_refuses_code(tool):
    text = (TOOLS / f'{tool}.py').read_text()
    main = text[text.index('def main()') :]
    assert main.index('refuse_code_in_ch') < main.index('load_config')


def test_code_in_the_config_of_a_checkpoint_is_not_run(tmp_path):
    trained, harm = tmp_path / 'run', tmp_path / 'harm'
    build_runner(tiny_config(str(trained), max_epochs=1)).train()
    path = str(trained / 'epoch_1.pth')
    checkpoint = torch.load(path)
    checkpoint['meta']['config'] = f'import os\nos.mkdir({str(harm)!r})\n'
    torch.save(checkpoint, path)
    resume(path, tmp_path / 'more')
    assert not harm.exists()


def test_timm_does_not_run_it_either(evil):
    model = dict(type='mmscm.AttentionTIMM', checkpoint_path=evil, depth=1)
    model['model_name'] = 'vit_tiny_patch16_224'
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match='only'):
        MODELS.build(model)


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))


def test_weights_behind_an_address_load_and_code_is_not_run(
    evil, tmp_path, no_cache
):
    source, target = TinyModel(), TinyModel()
    torch.save(source.state_dict(), tmp_path / 'good.pth')
    with served(tmp_path) as address:
        load_checkpoint(target, f'{address}/good.pth?version=2')
        read = read_checkpoint(f'{address}/good.pth')
        for load in (partial(load_checkpoint, target), read_checkpoint):
            with pytest.raises(pickle.UnpicklingError, match='mkdir'):
                load(f'{address}/evil.pth')
    torch.testing.assert_close(target.linear.weight, source.linear.weight)
    torch.testing.assert_close(read['linear.weight'], source.linear.weight)


def test_an_archive_that_inflates_is_refused_unread(tmp_path):
    path = inflating_archive(tmp_path / 'bomb.pth', 'archive/data/0', 20)
    for read in (read_checkpoint, partial(set_testing, Config())):
        with pytest.raises(RuntimeError, match='unpacks to 20971520'):
            read(str(path))


def test_programs_of_torchscript_are_refused(tmp_path):
    path = str(tmp_path / 'program.pth')
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path)
    for load in (partial(load_checkpoint, TinyModel()), read_checkpoint):
        with pytest.raises(RuntimeError, match='TorchScript'):
            load(path)
