"""What a user installs: built from the files of the checkout, then used."""

import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mmscm.engine.checkpoint import read_checkpoint

ROOT = Path(__file__).parents[2]
IN_WHEEL = ('mmscm', 'configs', 'tools', 'model-index.yml')
CONFIG = """
_base_ = 'mmscm::scm/vit-micro_toy.py'
# ten iterations
small = dict(length=4, img_size=32)
train_dataloader = dict(
    batch_size=2, num_workers=0, dataset=dict(length=20, img_size=32)
)
val_dataloader = dict(num_workers=0, dataset=small)
test_dataloader = dict(num_workers=0, dataset=small)
train_cfg = dict(max_epochs=1)
visualizer = dict(vis_backends=[])  # TensorBoard is slow to import
"""
pytestmark = pytest.mark.slow


def run(*command, cwd, **env):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={'PATH': '/usr/bin:/bin', 'OMP_NUM_THREADS': '1', **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def listed():
    """Files of the checkout, committed or about to be."""
    if not (ROOT / '.git').exists() or shutil.which('git') is None:
        pytest.skip('needs git and a checkout')
    command = ['git', 'ls-files', '-co', '--exclude-standard']
    names = subprocess.check_output(command, cwd=ROOT, text=True)
    return [name for name in names.splitlines() if (ROOT / name).is_file()]


@dataclass(frozen=True)
class Built:
    """What the build made, and of which files."""

    files: list[str]
    sdist: Path
    wheel: Path


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The sdist, and the wheel that is made from it."""
    pytest.importorskip('build.__main__')
    source, files = tmp_path_factory.mktemp('source'), listed()
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp('dist')
    module = ('-m', 'build', '--no-isolation', '--outdir', out, source)
    run(sys.executable, *module, cwd=out)
    return Built(files, next(out.glob('*.tar.gz')), next(out.glob('*.whl')))


@pytest.fixture(scope='module')
def user(built, tmp_path_factory):
    """A folder with a new environment: the wheel, and what it needs lent."""
    home = tmp_path_factory.mktemp('user')
    run(sys.executable, '-m', 'venv', '--without-pip', 'venv', cwd=home)
    python = home / 'venv' / 'bin' / 'python'
    pip = ('-m', 'pip', '--python', python, 'install')
    run(sys.executable, *pip, '--no-deps', '--no-index', built.wheel, cwd=home)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(run(python, '-c', code, cwd=home).strip())
    (own / 'lent.pth').write_text(sysconfig.get_path('purelib'))
    return home


def test_the_wheel_has_package_configs_tools_and_metafiles(built):
    packed = set(zipfile.ZipFile(built.wheel).namelist())
    expected = {
        name if name.startswith('mmscm/') else f'mmscm/.mim/{name}'
        for name in built.files
        if name.split('/')[0] in IN_WHEEL
    }
    assert {'mmscm/.mim/configs/scm/metafile.yml'} < expected
    others = {name for name in packed - expected if '.dist-info/' not in name}
    assert (expected - packed, others) == (set(), set())


def test_the_sdist_has_all_but_hidden_files(built):
    with tarfile.open(built.sdist) as sdist:
        packed = {name.partition('/')[2] for name in sdist.getnames()}
    shown = {name for name in built.files if not name.startswith('.')}
    assert shown <= packed


def test_an_index_can_show_the_readme(built):
    pytest.importorskip('comrak')  # without it nothing is rendered
    from twine.commands.check import check

    assert not check([str(built.sdist), str(built.wheel)], strict=True)
    with zipfile.ZipFile(built.wheel) as wheel:
        (name,) = (n for n in wheel.namelist() if n.endswith('/METADATA'))
        text = wheel.read(name).decode()
    links = re.findall(r'\]\(([^)]*)\)', text)
    assert links
    assert all(link.startswith('https://') for link in links)


def test_the_installed_package_trains_and_tests_a_config_of_ones_own(user):
    code = "from importlib.util import *; print(find_spec('mmscm').origin)"
    used = run(user / 'venv' / 'bin' / 'python', '-c', code, cwd=user)
    assert Path(used.strip()).is_relative_to(user / 'venv')
    (user / 'mine').mkdir()
    (user / 'mine' / 'toy.py').write_text(CONFIG)
    command = user / 'venv' / 'bin' / 'mmscm'
    run(command, 'train', 'mine/toy.py', cwd=user)
    work_dir = user / 'work_dirs' / 'mine' / 'toy'
    checkpoint = work_dir / 'epoch_1.pth'
    assert read_checkpoint(checkpoint)['meta']['iter'] == 10

    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = str(probe.getsockname()[1])
    arguments = ('dist_test', 'mine/toy.py', checkpoint, 1)
    printed = run(command, *arguments, cwd=user, PORT=port)
    assert 'wsoleval V2' in printed
    assert (work_dir / 'test_metrics.json').is_file()
