"""One checkout for all pages: what they expect to be there, made small."""

from __future__ import annotations

import runpy
import sys

import pytest
from doc_checkout import write_checkout


@pytest.fixture(scope='session')
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp('checkout')
    write_checkout(folder)
    return folder


@pytest.fixture
def run_tool(monkeypatch):
    """Run a tool of the current folder, here."""

    def run(*words):
        monkeypatch.setattr(sys, 'argv', list(words))
        runpy.run_path(words[0], run_name='__main__')

    return run
