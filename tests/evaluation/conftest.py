import pytest
from parity_samples import parity_samples


@pytest.fixture(scope='session')
def samples():
    """80 images, 10 classes, 1 to 3 boxes."""
    return parity_samples()
