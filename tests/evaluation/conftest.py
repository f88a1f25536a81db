import pytest
from parity_samples import parity_samples

samples = pytest.fixture(scope='session')(parity_samples)
