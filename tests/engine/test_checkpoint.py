"""Read files that the Runner wrote, damaged ones and malicious ones."""

import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner
from tiny_runner import tiny_config

from mmscm.allow_list import dtype
from mmscm.engine.checkpoint import FORCE, latest_checkpoint, read_checkpoint


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


def test_it_is_read_after_a_load_of_the_fork_of_mmengine(trained):
    with torch.serialization.safe_globals([HistoryBuffer, np.ndarray]):
        torch.load(trained[1], weights_only=True)
    assert read_checkpoint(trained[1])['meta']['epoch'] == 1


@pytest.mark.parametrize(
    'value',
    [
        *(np.float64(0.25), np.int64(7), np.bool_(True), np.float32(1e-3)),
        *(np.arange(6.0).reshape(2, 3), np.array([1, 2]), np.zeros(0)),
    ],
)
def test_numbers_and_arrays_of_numpy_survive(tmp_path, value):
    loaded = read_checkpoint(saved(tmp_path, {'best': value}))['best']
    assert loaded.dtype == value.dtype
    np.testing.assert_array_equal(loaded, value)


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
    with pytest.raises(pickle.UnpicklingError, match=named) as caught:
        read_checkpoint(path)
    assert path in str(caught.value)
    assert not trap.exists()


def test_refusals_hold_where_torch_is_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv(FORCE, raising=False)
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    path = saved(tmp_path, Call(eval, '1 + 1'))
    with pytest.raises(pickle.UnpicklingError, match='eval'):
        read_checkpoint(path)


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
    refusals = (EOFError, RuntimeError, pickle.UnpicklingError)
    with pytest.raises(refusals, match=path):
        read_checkpoint(path)


def test_one_changed_bit_of_a_weight_is_noticed(tmp_path):
    path = saved(tmp_path, {'weight': torch.full((100,), 0.7)})
    with open(path, 'r+b') as file:
        bits = file.read()
        file.seek(bits.index(torch.full((100,), 0.7).numpy().tobytes()))
        file.write(b'\0')
    torch.load(path, weights_only=True)  # torch does not look
    with pytest.raises(RuntimeError, match='checksum') as caught:
        read_checkpoint(path)
    assert path in str(caught.value)


def test_files_that_are_no_checkpoint_are_named(tmp_path):
    path = tmp_path / 'page.pth'
    path.write_text('<html>not found</html>')
    with pytest.raises(pickle.UnpicklingError, match=r'page\.pth'):
        read_checkpoint(path)
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        read_checkpoint(tmp_path / 'absent.pth')


class TestLatest:
    """Which checkpoint a training resumes from, with small files."""

    @pytest.fixture
    def work_dir(self, tmp_path):
        """Three epochs in order; mmengine's pointer names the last."""
        folder = tmp_path / 'run'
        folder.mkdir()
        for epoch in (1, 2, 10):
            path = folder / f'epoch_{epoch}.pth'
            torch.save({'state_dict': {'weight': torch.ones(9)}}, path)
            os.utime(path, (epoch, epoch))
        self.point_to(folder, folder / 'epoch_10.pth')
        return folder

    def point_to(self, folder, path):
        (folder / 'last_checkpoint').write_text(str(path))

    def damage(self, path):
        time = path.stat().st_mtime
        path.write_bytes(path.read_bytes()[:-100])
        os.utime(path, (time, time))

    def assert_latest(self, work_dir, epoch, home=None):
        path = (home or work_dir) / f'epoch_{epoch}.pth'
        assert latest_checkpoint(work_dir) == str(path)

    def test_the_pointer_counts_not_the_number(self, work_dir):
        self.assert_latest(work_dir, 10)
        self.point_to(work_dir, work_dir / 'epoch_2.pth')  # begun anew
        self.assert_latest(work_dir, 2)

    def test_damaged_ones_are_named_and_the_one_before_taken(
        self, work_dir, capfd
    ):
        self.damage(work_dir / 'epoch_10.pth')
        self.assert_latest(work_dir, 2)
        self.damage(work_dir / 'epoch_2.pth')
        self.assert_latest(work_dir, 1)
        assert str(work_dir / 'epoch_10.pth') in ''.join(capfd.readouterr())
        self.damage(work_dir / 'epoch_1.pth')
        with pytest.raises(RuntimeError, match='damaged ones only') as caught:
            latest_checkpoint(work_dir)
        for name in ('epoch_1.pth', 'epoch_2.pth', 'epoch_10.pth'):
            assert name in str(caught.value)

    @pytest.mark.parametrize('content', ['', '\0\0\0', '/no/epoch_3.pth'])
    def test_without_a_pointer_the_newest_is_taken(self, work_dir, content):
        (work_dir / 'last_checkpoint').write_text(content)
        self.assert_latest(work_dir, 10)
        (work_dir / 'last_checkpoint').unlink()
        self.assert_latest(work_dir, 10)

    def test_a_copied_work_dir_resumes_from_its_own(self, work_dir, tmp_path):
        copy = tmp_path / 'copy'
        shutil.copytree(work_dir, copy)
        self.assert_latest(copy, 10)
        (copy / 'epoch_10.pth').unlink()
        self.assert_latest(copy, 2)

    def test_checkpoints_elsewhere_are_found_by_the_pointer(
        self, work_dir, tmp_path
    ):
        logs = tmp_path / 'logs'
        logs.mkdir()
        self.point_to(logs, work_dir / 'epoch_2.pth')
        self.assert_latest(logs, 2, work_dir)
        self.damage(work_dir / 'epoch_2.pth')
        self.assert_latest(logs, 10, work_dir)

    def test_best_published_and_unfinished_ones_are_no_candidates(
        self, work_dir
    ):
        last = work_dir / 'epoch_10.pth'
        for name in ('best_epoch_3.pth', 'epoch_3-0a.pth', 'epoch_3.pth.tmp'):
            shutil.copy(last, work_dir / name)
        last.unlink()
        self.assert_latest(work_dir, 2)
        for path in work_dir.glob('epoch_*'):
            path.unlink()
        assert latest_checkpoint(work_dir) is None
        assert latest_checkpoint(work_dir / 'absent') is None
