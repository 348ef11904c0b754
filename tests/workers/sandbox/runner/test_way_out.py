"""A session in a runner has the way out that its opener made, and no other socket is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.sandbox.runner.running import Runner
from workers.egress.network import NOT_NAMED, AllowedHosts
from workers.sandbox import SandboxUnavailable
from workers.sandbox.runner.shared import SOCKETS

OPEN = "import urllib.request as u; print(u.urlopen('https://elsewhere.example/', timeout=20))"
ASK = f'python3 -c "{OPEN}" 2>&1 | tail -1'


def test_a_session_reaches_the_proxy_of_the_worker(runner: Runner, workspace: Path) -> None:
    network = AllowedHosts(allow=("api.example.com",), sockets=runner.root / SOCKETS)
    with network.way_out(("api.example.com",)) as way:
        session = runner.box().open(workspace, None, way.socket)
        try:
            said = session.run(ASK).output
        finally:
            session.close()
    assert "403" in said
    assert [(one.host, one.why) for one in way.refused()] == [("elsewhere.example", NOT_NAMED)]


def test_the_runners_own_socket_is_no_way_out(runner: Runner, workspace: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="not a way out of ours"):
        runner.box().open(workspace, None, runner.socket)
