"""What a tool does when its process fails or loses another one."""

from __future__ import annotations

import json

import pytest

from mmscm.engine import rank_errors
from mmscm.engine.rank_errors import report_errors

LOST = '[gloo/transport/tcp/pair.cc:561] Connection closed by peer [::1]:1'


@pytest.fixture
def waited(monkeypatch):
    """Seconds of every wait."""
    waits = []
    monkeypatch.setattr(rank_errors.time, 'sleep', waits.append)
    return waits


def failing(error):
    @report_errors
    def main():
        raise error

    return main


def test_an_error_of_its_own_is_written_where_torchrun_looks(
    waited, monkeypatch, tmp_path
):
    file = tmp_path / 'error.json'
    monkeypatch.setenv('TORCHELASTIC_ERROR_FILE', str(file))
    with pytest.raises(RuntimeError, match='out of paper'):
        failing(RuntimeError('out of paper'))()
    message = json.loads(file.read_text())['message']['message']
    assert message == 'RuntimeError: out of paper'
    assert waited == []


def test_a_lost_process_is_named_before_the_wait_for_the_launcher(
    waited, monkeypatch
):
    said = []
    monkeypatch.setattr(
        rank_errors,
        'print_log',
        lambda text, **_: said.append((text, *waited)),
    )
    with pytest.raises(RuntimeError, match='closed by peer'):
        failing(RuntimeError(LOST))()
    assert waited == [rank_errors.GRACE]
    ((text, *waits_before),) = said
    assert text.startswith('Process 0 lost another process')
    assert LOST in text
    assert waits_before == []


def test_a_tool_that_ends_well_returns():
    calls = []
    report_errors(lambda: calls.append('main'))()
    assert calls == ['main']
