"""No way to a checkpoint runs what is in it."""

from __future__ import annotations

import contextlib
import http.server
import io
import pickle
import threading
from functools import partial
from pathlib import Path

import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.registry import MODELS
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from tiny_model import tiny_config as tiny_config_of_vit
from tiny_model import tiny_files
from tiny_runner import TinyModel, tiny_config
from traps import inflating_archive, trapped_checkpoint

from mmscm import LocalizationInferencer, get_model
from mmscm.apis import build_runner, set_testing, set_training
from mmscm.engine import restricted_pickle
from mmscm.engine.converters import convert_file
from mmscm.engine.thresholds import store_thresholds, stored_thresholds


@pytest.fixture
def evil(tmp_path):
    """The path of a trapped checkpoint, whose trap must not spring."""
    path, harm = trapped_checkpoint(tmp_path)
    yield str(path)
    assert not harm.exists()


def test_the_trap_works(tmp_path):
    path, harm = trapped_checkpoint(tmp_path)
    torch.load(path, weights_only=False)
    assert harm.exists()


def train_from(path, folder):
    cfg = tiny_config(str(folder), max_epochs=1)
    cfg.load_from = path
    build_runner(cfg).train()


def resume(path, folder):
    cfg = tiny_config(str(folder), max_epochs=1)
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
    'thresholds': lambda path, folder: stored_thresholds(path),
    'calibrate': lambda path, folder: store_thresholds(path, None),
}


@pytest.mark.parametrize('way', WAYS.values(), ids=WAYS)
def test_code_in_a_checkpoint_is_not_run(way, evil, tmp_path):
    with pytest.raises(pickle.UnpicklingError, match='Refused') as caught:
        way(evil, tmp_path)
    assert evil in str(caught.value)


def test_timm_does_not_run_it_either(evil):
    model = dict(
        type='mmscm.AttentionTIMM',
        model_name='vit_tiny_patch16_224',
        checkpoint_path=evil,
        depth=1,
    )
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match='only'):
        MODELS.build(model)


@contextlib.contextmanager
def served(folder):
    """The address of a folder."""
    kind = partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    kind.log_message = None
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))


def test_code_behind_an_address_is_not_run(evil, no_cache):
    refused = pytest.raises(pickle.UnpicklingError, match='Refused')
    with served(Path(evil).parent) as address, refused:
        load_checkpoint(TinyModel(), f'{address}/evil.pth')


def test_weights_behind_an_address_load(tmp_path, no_cache):
    source, target = TinyModel(), TinyModel()
    torch.save(source.state_dict(), tmp_path / 'good.pth')
    with served(tmp_path) as address:
        load_checkpoint(target, f'{address}/good.pth?version=2')
    torch.testing.assert_close(target.linear.weight, source.linear.weight)


@pytest.mark.parametrize(
    'address', ['http://127.0.0.1/', 'http://127.0.0.1/a/..']
)
def test_addresses_of_no_file_are_refused(address):
    with pytest.raises(ValueError, match='address of a checkpoint file'):
        CheckpointLoader.load_checkpoint(address)


@pytest.mark.parametrize(
    'address',
    ['s3://a/b.pth', 'mmcls://resnet', 'torchvision://x', 'openmmlab://x'],
)
def test_the_unsafe_loaders_of_the_host_are_gone(address):
    with pytest.raises(ValueError, match=r'a checkpoint file or an http'):
        CheckpointLoader.load_checkpoint(address)


def test_an_archive_that_inflates_is_refused_unread(tmp_path):
    path = inflating_archive(tmp_path / 'bomb.pth', 'archive/data/0', 20)
    with pytest.raises(pickle.UnpicklingError, match='unpack to 20971520'):
        load_checkpoint(TinyModel(), str(path))


def test_programs_of_torchscript_are_refused(tmp_path):
    path = str(tmp_path / 'program.pth')
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path)
    with pytest.raises(pickle.UnpicklingError, match='TorchScript'):
        load_checkpoint(TinyModel(), path)


class TestRestrictedPickle:
    """What reads checkpoints where torch has no allow-list (before 2.4)."""

    def load(self, path):
        return torch.load(
            path, pickle_module=restricted_pickle, weights_only=False
        )

    def test_reads_what_the_runner_writes(self, tmp_path):
        saved = dict(log=HistoryBuffer([1.0], [2]), w=torch.ones(2))
        torch.save(saved, tmp_path / 'good.pth')
        loaded = self.load(tmp_path / 'good.pth')
        assert loaded['log'].current() == 1
        assert loaded['w'].tolist() == [1, 1]

    def test_refuses_code(self, evil):
        with pytest.raises(pickle.UnpicklingError, match='mkdir refused'):
            self.load(evil)

    def test_refuses_to_change_a_class(self):
        # HistoryBuffer.mean = 1
        attack = (
            b'\x80\x02cmmengine.logging.history_buffer\nHistoryBuffer\n'
            b'N}\x8c\x04meanK\x01s\x86b.'
        )
        with pytest.raises(pickle.UnpicklingError, match='the state of'):
            restricted_pickle.load(io.BytesIO(attack))
        assert callable(HistoryBuffer.mean)

    def test_refuses_other_text_encodings(self):
        attack = b'\x80\x02c_codecs\nencode\n\x8c\x01x\x8c\x05utf-7\x86R.'
        with pytest.raises(pickle.UnpicklingError, match='utf-7'):
            restricted_pickle.load(io.BytesIO(attack))
