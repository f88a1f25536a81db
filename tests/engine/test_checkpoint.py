"""Safe loading, with files the Runner wrote and with malicious ones."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner, load_checkpoint
from tiny_runner import TinyModel, tiny_config

from mmscm.engine.allow_list import dtype
from mmscm.engine.checkpoint import load_from_local


class Call:
    """Pickles as ``function(*args)``."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    work_dir = str(tmp_path_factory.mktemp('trained'))
    runner = Runner.from_cfg(tiny_config(work_dir, max_epochs=1))
    runner.train()
    return runner, os.path.join(work_dir, 'epoch_1.pth')


def saved(tmp_path, content):
    path = str(tmp_path / 'file.pth')
    torch.save(content, path)
    return path


def test_runner_resumes_what_it_wrote(trained, tmp_path):
    first, path = trained
    cfg = tiny_config(str(tmp_path), max_epochs=2)
    cfg.load_from, cfg.resume = path, True
    second = Runner.from_cfg(cfg)
    second.load_or_resume()
    assert (second.epoch, second.iter) == (1, first.iter)
    history = second.message_hub.get_scalar('train/loss')
    assert history.data[0].size == first.iter
    assert history.mean() == first.message_hub.get_scalar('train/loss').mean()


def test_load_from_takes_the_weights(trained, tmp_path):
    first, path = trained
    cfg = tiny_config(str(tmp_path), max_epochs=2)
    cfg.load_from = path
    second = Runner.from_cfg(cfg)
    second.load_or_resume()
    weight = second.model.linear.weight
    assert second.epoch == 0
    torch.testing.assert_close(weight, first.model.linear.weight)


def test_mmengine_load_checkpoint_reads_it(trained):
    first, path = trained
    model = TinyModel()
    load_checkpoint(model, path)
    torch.testing.assert_close(model.linear.weight, first.model.linear.weight)


@pytest.mark.parametrize(
    'value',
    [np.float64(0.25), np.int64(7), np.bool_(True), np.float32(1e-3)],
)
def test_numpy_numbers_survive(tmp_path, value):
    loaded = load_from_local(saved(tmp_path, {'best': value}))['best']
    assert loaded == value
    assert loaded.dtype == value.dtype


def test_numpy_arrays_survive(tmp_path):
    arrays = [np.arange(6.0).reshape(2, 3), np.array([1, 2]), np.zeros(0)]
    for loaded, array in zip(
        load_from_local(saved(tmp_path, arrays)), arrays, strict=True
    ):
        assert loaded.dtype == array.dtype
        np.testing.assert_array_equal(loaded, array)


@pytest.mark.parametrize(
    ('function', 'args', 'named'),
    [
        (os.system, ['touch {}'], 'system'),
        (eval, ['open("{}", "w")'], 'eval'),
        (getattr, [torch.Tensor, '__class__'], 'torch.Tensor'),
        (getattr, [HistoryBuffer, '__init__'], '__init__'),
        (getattr, [HistoryBuffer, 'register_statistics'], 'register'),
        (getattr, ['', 'join'], 'getattr'),
        (np.dtype, ['O'], 'numpy.dtype'),
        (np.dtype, ['>f8'], 'numpy.dtype'),
    ],
)
def test_malicious_pickles_are_refused(tmp_path, function, args, named):
    trap = tmp_path / 'trap'
    args = [a.format(trap) if isinstance(a, str) else a for a in args]
    path = saved(tmp_path, {'state_dict': Call(function, *args)})
    with pytest.raises(pickle.UnpicklingError, match='Refused') as caught:
        load_checkpoint(TinyModel(), path)
    assert path in str(caught.value)
    assert named in str(caught.value)
    assert not trap.exists()


def test_refusals_hold_where_torch_is_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    path = saved(tmp_path, Call(eval, '1 + 1'))
    with pytest.raises(pickle.UnpicklingError, match='eval'):
        load_from_local(path)


def test_a_file_cannot_change_the_flags_of_a_number_type():
    has_object = 0x3F  # numpy's flag bits for Python objects, among others
    state = (3, '<', None, None, None, -1, -1, has_object)
    dtype('f8', False, True).__setstate__(state)
    assert dtype('f8').flags == 0
    assert not dtype('f8').hasobject


@pytest.mark.parametrize('keep', [0, 20, 400])
def test_truncated_files_are_named(tmp_path, keep):
    path = saved(tmp_path, {'weight': torch.zeros(100)})
    with open(path, 'r+b') as file:
        file.truncate(keep)
    with pytest.raises(RuntimeError, match='cannot be read') as caught:
        load_from_local(path)
    assert path in str(caught.value)


def test_one_changed_bit_of_a_weight_is_noticed(tmp_path):
    path = saved(tmp_path, {'weight': torch.full((100,), 0.7)})
    with open(path, 'r+b') as file:
        bits = file.read()
        file.seek(bits.index(torch.full((100,), 0.7).numpy().tobytes()))
        file.write(b'\0')
    torch.load(path, weights_only=True)  # torch does not look
    with pytest.raises(RuntimeError, match='checksum') as caught:
        load_from_local(path)
    assert path in str(caught.value)


def test_a_file_that_breaks_the_reader_is_named(trained, tmp_path):
    path = tmp_path / 'cut.pth'
    with open(trained[1], 'rb') as whole:
        path.write_bytes(whole.read()[:-50])  # an OSError in torch
    with pytest.raises(RuntimeError, match='cannot be read') as caught:
        load_from_local(str(path))
    assert str(path) in str(caught.value)


def test_files_that_are_no_checkpoint_are_named(tmp_path):
    path = tmp_path / 'page.pth'
    path.write_text('<html>not found</html>')
    with pytest.raises(RuntimeError, match=r'page\.pth'):
        load_from_local(str(path))


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        load_from_local(str(tmp_path / 'absent.pth'))
