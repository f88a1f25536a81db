"""Settings of all tests; being here puts what they share on the path."""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from unittest import mock

import pytest
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope

# after all else: a tool is named `test`, as a package of Python
sys.path.append(str(Path(__file__).parents[1] / 'tools'))
# the machine is shared by the workers of pytest-xdist
os.environ.setdefault('OMP_NUM_THREADS', '1')


@pytest.fixture(scope='session', autouse=True)
def _configs_are_not_formatted():
    """A Runner logs and writes its config; yapf takes seconds for it."""
    name = 'mmengine.config.config.FormatCode'
    with mock.patch(name, lambda text, **kwargs: (text, True)):
        yield


def _in_host_scope():
    """Host parts are found unprefixed, as in the tools.

    A Runner sets the scope of the process: it is set again for each module,
    whose fixtures are made before those of its tests, and for each test.
    """
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        yield


host_scope = pytest.fixture(_in_host_scope, scope='session', autouse=True)
module_scope = pytest.fixture(_in_host_scope, scope='module', autouse=True)
test_scope = pytest.fixture(_in_host_scope, autouse=True)


@pytest.fixture(autouse=True)
def _logs_are_those_of_the_test():
    """The host's loggers keep the output stream of the test that made them."""
    MMLogger._instance_dict.clear()


@pytest.fixture(scope='session')
def webdemo_page():
    """The module of that name, which takes gradio and seconds to import."""
    os.environ['GRADIO_ANALYTICS_ENABLED'] = 'False'
    pytest.importorskip('gradio', reason='requirements/demo.txt')
    return import_module('webdemo_page')


@pytest.fixture(scope='session')
def tiny(tmp_path_factory):
    """Config and checkpoint of the tiny SCM, which no test changes."""
    return import_module('tiny_model').tiny_files(tmp_path_factory.mktemp('t'))


@pytest.fixture(scope='session')
def inferencer(tiny):
    """Its inferencer."""
    return import_module('mmscm').LocalizationInferencer(*tiny, device='cpu')


def pytest_collection_modifyitems(config, items):
    """Files with slow tests come first: no worker has one left at the end.

    Nightly tests are left out of any run that does not ask for them, as
    `-m "not nightly"` in addopts would, but with `-m slow` too.
    """
    slow = {item.path for item in items if item.get_closest_marker('slow')}
    items.sort(key=lambda item: item.path not in slow)
    if 'nightly' in config.option.markexpr:
        return
    late = [item for item in items if item.get_closest_marker('nightly')]
    config.hook.pytest_deselected(items=late)
    items[:] = [item for item in items if item not in late]


def pytest_collection_finish():
    """What is imported is not searched for garbage again.

    mmengine searches all memory for each data set that is built.
    """
    gc.freeze()
