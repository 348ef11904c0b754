"""The hosts that a repository names: reached where the operator allows them, refused by name where not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from workers.egress import RefusedHost
from workers.egress.network import NOT_NAMED, AllowedHosts
from workers.sandbox import SandboxUnavailable, Session
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.process import ProcessSandbox

ASK = """python3 - <<'END'
import os, urllib.error, urllib.request
for url in {urls!r}:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({{"http": os.environ["http_proxy"]}}))
    try:
        print(opener.open(url, timeout=20).read().decode())
    except urllib.error.HTTPError as refused:
        print(refused.code, refused.read().decode().strip())
END"""


@pytest.fixture
def served() -> Iterator[str]:
    """A host on this machine's loopback that says yes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"yes")

        def log_message(self, *_: object) -> None:
            pass

    # A name, so that programs do not take it for the sandbox's own loopback.
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"localhost.localdomain:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the served host leads to this machine, whatever its resolver knows."""

    async def found(_loop: object, host: str, port: int, **_: object) -> list[object]:
        assert host == "localhost.localdomain"
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)


def asked(session: Session, *urls: str) -> list[str]:
    return session.run(ASK.format(urls=urls)).output.splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    return made


def test_a_named_and_allowed_host_is_reached_and_no_other(
    served: str, known: None, tmp_path: Path, place: Path
) -> None:
    network = AllowedHosts(allow_local=(served,))
    with network.way_out((served, "elsewhere.example")) as way:
        session = Bubblewrap(tmp_path / "home").open(place, None, way.socket)
        try:
            first = asked(session, f"http://{served}/", "http://elsewhere.example/")
            again = session.shell(ASK.format(urls=[f"http://{served}/"])).output
        finally:
            session.close()
    assert first == ["yes", f"403 elsewhere.example {NOT_NAMED}"]
    assert again.strip() == "yes"
    assert way.granted == (served,)
    assert way.refused() == (RefusedHost("elsewhere.example", NOT_NAMED, 1),)
    assert way.reasons() == (
        "The policy file asks for elsewhere.example on the network, but the operator does not allow it "
        "(shipmate.toml, [network]).",
        f"Refused while the checks ran: elsewhere.example {NOT_NAMED}.",
    )


def test_the_way_out_is_there_again_after_the_sandbox_died(
    served: str, known: None, tmp_path: Path, place: Path
) -> None:
    with AllowedHosts(allow_local=(served,)).way_out((served,)) as way:
        session = Bubblewrap(tmp_path / "home").open(place, None, way.socket)
        try:
            assert asked(session, f"http://{served}/") == ["yes"]
            session._starter.renew()
            assert asked(session, f"http://{served}/") == ["yes"]
        finally:
            session.close()


def test_without_the_operators_word_there_is_no_way_out(place: Path) -> None:
    with AllowedHosts().way_out(("api.example.com",)) as way:
        assert way.socket is None
    assert way.reasons()[0].startswith(
        "The policy file asks for api.example.com on the network, but the operator does not"
    )


def test_without_a_wish_there_is_nothing_to_say() -> None:
    with AllowedHosts(allow=("api.example.com",)).way_out(()) as way:
        assert (way.socket, way.reasons()) == (None, ())


def test_the_operators_hosts_are_matched_by_name_and_port() -> None:
    network = AllowedHosts(allow=("api.example.com", "db.example.com:8443"))
    wanted = ("api.example.com:443", "db.example.com", "db.example.com:8443", "xapi.example.com")
    assert network.granted(wanted) == ("api.example.com:443", "db.example.com:8443")


def test_a_sandbox_without_hosts_shows_no_socket_and_names_no_proxy(tmp_path: Path, place: Path) -> None:
    session = Bubblewrap(tmp_path / "home").open(place)
    try:
        assert session.run("ls -A /run 2>/dev/null; env | grep -ic _proxy").output == "0\n"
    finally:
        session.close()


def test_plain_processes_say_that_they_cannot_be_kept_to_hosts(tmp_path: Path, place: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="cannot be kept to some hosts"):
        ProcessSandbox(tmp_path).open(place, None, tmp_path / "socket")
    with AllowedHosts(allow=("api.example.com",), held=False).way_out(("api.example.com",)) as way:
        assert way.socket is None
    assert "cannot restrict its network" in way.reasons()[0]
