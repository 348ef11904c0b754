"""The stand-ins against web pages and names that only pretend to be this machine."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shipmate.embedded.playground_keys import PlaygroundKeys, load_or_create, path_in

pytestmark = pytest.mark.attack("web pages against the stand-ins")

ROOT = Path(__file__).resolve().parents[2]
REBOUND = ("evil.test:{port}", "evil.test", "127.0.0.1.evil.test:{port}", "localhost.evil.test", "", "[::1", "10.0.0.1")


@dataclass(frozen=True)
class Playing:
    """A running playground, with its keys and its process."""

    keys: PlaygroundKeys
    pid: int
    home: Path

    def ports(self) -> tuple[int, int, int]:
        return self.keys.slack_port, self.keys.github_port, self.keys.claude_port


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    home = tmp_path_factory.mktemp("door")
    keys = load_or_create(home)
    process = subprocess.Popen(
        [sys.executable, "-m", "playground.main", "--home", str(path_in(home).parent)],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "HOME": str(home)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not all(_listens(port) for port in (keys.slack_port, keys.github_port, keys.claude_port)):
            assert process.poll() is None
            assert time.monotonic() < deadline
        yield Playing(keys, process.pid, home)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _listens(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz")[0] > 0
    except OSError:
        return False


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """(status, body); `Host` is the true one unless it is given."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        link.putrequest(method, path, skip_host=True)
        for name, value in {"Host": f"127.0.0.1:{port}", "Content-Length": str(len(body)), **headers}.items():
            link.putheader(name.replace("_", "-"), value)
        link.endheaders(body)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


LOOKS = ("/", "/_phone/boot?as=ben", "/_control/state", "/_control/calls", "/acme/till")


@pytest.mark.parametrize("host", REBOUND)
def test_a_name_that_was_made_to_mean_this_machine_is_told_nothing(playing: Playing, host: str) -> None:
    for port in playing.ports():
        for path in LOOKS:
            status, said = ask(port, "GET", path, Host=host.format(port=port))
            assert status in {400, 421}
            assert b"ben" not in said


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_names_of_this_machine_are_answered(playing: Playing, name: str) -> None:
    assert ask(playing.keys.slack_port, "GET", "/healthz", Host=f"{name}:{playing.keys.slack_port}")[0] == 200


WRITES = {
    "slack": ("/_phone/act/say", {"as": "ben", "channel": "C0TILL0001", "text": "hi"}),
    "slack control": ("/_control/say", {"as": "ben", "channel": "C0TILL0001", "text": "hi"}),
    "github control": ("/_control/ci", {"held": True}),
    "github button": ("/acme/till/pull/1/merge-as-ben", {}),
    "claude control": ("/_control/turn_delay", {"ms": 60_000}),
    "claude faults": ("/_control/faults", {"kind": "overloaded", "times": 99}),
}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:1", "http://localhost:{port}", "x"])
@pytest.mark.parametrize("what", WRITES)
def test_a_page_of_somebody_else_changes_nothing(playing: Playing, what: str, origin: str, kind: str) -> None:
    port = getattr(playing.keys, f"{what.split(maxsplit=1)[0]}_port")
    path, content = WRITES[what]
    # A preview's own origin is among them: what a repository builds is somebody else's page too.
    body = json.dumps(content).encode()
    status, _ = ask(port, "POST", path, body, Origin=origin.format(port=port), Content_Type=kind)
    assert status == 403


def test_every_port_is_open_to_this_machine_alone(playing: Playing) -> None:
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {int(row[1].split(":")[1], 16): row[1].split(":")[0] for row in rows if row[3] == "0A"}
    loopback = f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}"
    assert {listening[port] for port in playing.ports()} == {loopback}


def test_no_key_is_in_an_argument_or_readable_by_others(playing: Playing) -> None:
    said = Path(f"/proc/{playing.pid}/cmdline").read_text() + Path(f"/proc/{playing.pid}/environ").read_text()
    held = [value for value in playing.keys.model_dump().values() if isinstance(value, str)]
    assert not [value for value in held if value in said]
    assert path_in(playing.home).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py", "/assets/..%2f..%2fconfig.py", "/assets/%2e%2e/%2e%2e/state.py", "/assets/....//config.py",
        "/files-pri/..%2f..%2fkeys.json/x", "/raw/../../keys.json", "/acme/till/raw/main/../../../../keys.json",
        "/acme/till/raw/main/%2e%2e/%2e%2e/keys.json", "/acme/till/blob/main/..%2f..%2fconfig",
        "/acme/till/raw/--output=x/y", "/acme/till/commit/--help", "/acme/till/compare/--no-index...main",
        "/acme%2f..%2f..%2fx/till", "/acme/till.git/../../keys.json", "/acme/till.git/%2e%2e/config",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_its_folder_or_into_an_option(playing: Playing, path: str) -> None:
    for port in playing.ports():
        status, said = ask(port, "GET", path)
        assert status in {400, 401, 403, 404, 405} or (status == 200 and b"Sign in" in said)
        assert b"BEGIN RSA" not in said
        assert playing.keys.slack_signing_secret.encode() not in said


def test_previews_are_served_on_their_origin_and_nothing_else_is(playing: Playing) -> None:
    port = playing.keys.github_port
    for path in ("/", "/acme/till", "/_control/state", "/api/v3/user"):
        assert ask(port, "GET", path, Host=f"localhost:{port}")[0] == 404
    assert ask(port, "POST", "/_control/ci", b"{}", Host=f"localhost:{port}", Content_Type="application/json")[0] == 404
    assert ask(port, "GET", "/preview/acme/till/x/", Host=f"127.0.0.1:{port}")[0] == 404
