"""One checkout for all pages: what they expect to be there, made small."""

import pytest
from doc_checkout import write_checkout


@pytest.fixture(scope='session')
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp('checkout')
    write_checkout(folder)
    return folder
