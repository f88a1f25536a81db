"""``tools/train.py --resume`` in its three forms."""

import shutil

import pytest
import torch
from tiny_runner import tiny_config
from tool_runs import run_tool

from mmscm.engine.checkpoint import read_checkpoint


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A config, a work dir whose third epoch is lost, and its weights."""
    folder = tmp_path_factory.mktemp('trained')
    config, work_dir = folder / 'config.py', folder / 'begun'
    cfg = tiny_config('unused', max_epochs=3)
    cfg.custom_imports = dict(imports='tiny_runner')
    cfg.default_hooks.checkpoint.type = 'mmscm.CheckpointHook'
    cfg.default_hooks.sampler_seed = dict(type='mmscm.EpochSeedHook')
    cfg.train_dataloader.sampler.shuffle = True
    cfg.dump(config)
    run_tool('train.py', config, '--work-dir', work_dir)
    expected = weight(work_dir)
    (work_dir / 'epoch_3.pth').unlink()
    (work_dir / 'last_checkpoint').write_text(str(work_dir / 'epoch_2.pth'))
    return config, work_dir, expected


def weight(work_dir):
    read = read_checkpoint(work_dir / 'epoch_3.pth')
    return read['state_dict']['linear.weight']


@pytest.fixture
def resume(trained, tmp_path):
    """Resume a copy of the work dir; weights and what was logged."""
    config, begun, expected = trained
    work_dir = tmp_path / 'run'
    shutil.copytree(begun, work_dir)
    (work_dir / 'last_checkpoint').write_text(str(work_dir / 'epoch_2.pth'))

    def run(*value):
        args = ['--work-dir', work_dir, '--resume', *value]
        run_tool('train.py', config, *args)
        assert torch.equal(weight(work_dir), expected)
        return ''.join(p.read_text() for p in work_dir.rglob('*.log'))

    run.work_dir = work_dir
    return run


def damage(path):
    path.write_bytes(path.read_bytes()[:-50])
    return path


@pytest.mark.parametrize('value', [[], ['auto']])
def test_resume_finds_the_last_checkpoint(resume, value):
    assert 'resumed epoch: 2, iter: 6' in resume(*value)


def test_resume_takes_a_path(resume):
    path = resume.work_dir / 'epoch_1.pth'
    assert 'resumed epoch: 1, iter: 3' in resume(path)


def test_a_damaged_path_is_an_error_that_names_it(resume):
    path = damage(resume.work_dir / 'epoch_2.pth')
    with pytest.raises(RuntimeError, match='is damaged') as caught:
        resume(path)
    assert str(path) in str(caught.value)


def test_auto_passes_a_damaged_one(resume):
    damage(resume.work_dir / 'epoch_2.pth')
    assert 'resumed epoch: 1, iter: 3' in resume()
