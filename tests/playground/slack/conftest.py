"""One real server per test on a free port, an app's request URL that records what it is sent, and a phone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.slack import SlackStandInConfig
from tests.playground.slack.serving import RequestUrl, Served, Starter, recording_server


@pytest.fixture
def app_under_test() -> Iterator[RequestUrl]:
    recorder = RequestUrl()
    server = recording_server(recorder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield recorder
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Start a stand-in with changes to the default config."""
    running: list[Served] = []

    def make(**changes: Any) -> Served:
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = SlackStandInConfig(tmp_path / f"slack{len(running)}.db", public_url=url, retry_delays=(0.0, 0.05, 0.1))
        served = Served(replace(config, **changes), listening)
        served.start()
        running.append(served)
        return served

    yield make
    for served in running:
        served.stop()
        served.listening.close()


@pytest.fixture
def slack(start: Starter, app_under_test: RequestUrl) -> Served:
    return start(events_url=app_under_test.url)


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
