"""What the runner does with messages that no worker of ours would send. Its sandboxes here only remember."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workers.sandbox.runner.running import serving, until
from workers.egress.addresses import address
from workers.sandbox import Ran, SandboxUnavailable
from workers.sandbox.runner import wire
from workers.sandbox.runner.box import RunnerSandbox
from workers.sandbox.runner.client import RunnerGone, reached
from workers.workspace import Workspace

pytestmark = pytest.mark.attack("hostile clients of the runner")

SHA = "a" * 40


class Recorded:
    """A sandbox whose sessions do nothing, and what it was asked to open."""

    root = "/workspace"

    def __init__(self) -> None:
        self.opened: list[object] = []
        self.closed = 0

    def open(
        self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None
    ) -> Any:  # a session of the same object
        assert egress is None
        self.opened.append((workspace, deps))
        return self

    def open_setup(self, workspace: Path, result: Path, proxy: Path) -> Any:
        self.opened.append((workspace, result, proxy))
        return self

    def probe(self) -> tuple[str, ...]:
        return ()

    def run(self, command: str, **_: object) -> Ran:
        return Ran(0, command, 0.0)

    def restart(self) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def boxes() -> Recorded:
    return Recorded()


@pytest.fixture
def box(tmp_path: Path, boxes: Recorded) -> Iterator[RunnerSandbox]:
    with serving(tmp_path / "shared", boxes) as made:
        root = tmp_path / "shared"
        for place in ("checkouts/c1/1/files", "bases/r/t", "deps/key/tree", "deps/.building-k/tree/.work"):
            (root / place).mkdir(parents=True)
        (root / "checkouts/link").symlink_to("/etc")
        (root / "checkouts/c1/out").symlink_to(tmp_path)
        (root / "checkouts/c1/file").write_text("")
        yield made
        alive = asked(made, {"op": "ping"})
        assert alive is not None
        assert alive["said"] == "alive"


def link(box: RunnerSandbox) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(20)
    with address(box._socket) as place:
        made.connect(place)
    return made


def asked(box: RunnerSandbox, message: object) -> dict[str, object] | None:
    """Return the runner's answer to one message; None where it ends the connection instead, even before it reads."""
    with link(box) as made:
        header = message if isinstance(message, bytes) else json.dumps(message).encode()
        with contextlib.suppress(ConnectionError):
            made.sendall(struct.pack("!II", len(header), 0) + header)
        return answer(made)


def answer(made: socket.socket) -> dict[str, object] | None:
    try:
        lengths = made.recv(8, socket.MSG_WAITALL)
        if len(lengths) < 8:
            return None
        found: dict[str, object] = json.loads(made.recv(struct.unpack("!II", lengths)[0], socket.MSG_WAITALL))
        return found
    except ConnectionError:
        return None


def on_workspace(**more: object) -> dict[str, object]:
    return {"op": "open", "workspace": {"place": "checkouts/c1/1", "base": SHA, "bytes": 1, "files": 1, **more}}


@pytest.mark.parametrize(
    "message",
    [
        *({"op": "open", "folder": place} for place in (
            "/etc", "..", "checkouts", "checkouts/..", "checkouts/../deps/key", "checkouts/c1/../../../etc",
            "bases/r/t", "checkouts/link", "checkouts/link/ssl", "checkouts/c1/out", "checkouts/c1/file",
            "checkouts/./c1", "checkouts//c1",
            "deps/key/tree", "mirrors/x", "sockets/runner.sock", "checkouts/c1/1\n", "checkouts/c1\0",
            "checkouts/none", "checkouts/" + "a/" * 40 + "b", "checkouts/" + "a" * 5000, "", "checkouts/ü/1",
        )),
        {"op": "open"},
        {"op": "open", "folder": None},
        {**on_workspace(), "folder": "checkouts/c1/1"},
        on_workspace(lower="checkouts/c1/1"),
        on_workspace(lower="bases/r/t"),
        on_workspace(lower="/etc"),
        on_workspace(history={"commit": SHA, "packs": "bases/r/t"}),
        on_workspace(history={"commit": "--upload-pack=x", "packs": "mirrors/x/objects/pack"}),
        on_workspace(base="HEAD"),
        on_workspace(bytes=-1),
        {"op": "open", "folder": "checkouts/c1/1", "deps": "checkouts/c1/1"},
        {"op": "open", "folder": "checkouts/c1/1", "deps": "/etc"},
        *({"op": "open_setup", "folder": f"{result}/.work", "result": result, "proxy": proxy} for result, proxy in (
            ("deps/key/tree", "sockets/egress-a/proxy"), ("deps/.building-k/tree", "sockets/runner.sock"),
            ("deps/.building-k/tree", "sockets/egress-a/../runner.sock"), ("deps/.building-k/tree", "checkouts/c1/1"),
        )),
    ],
    ids=lambda message: json.dumps(message)[:60],
)  # fmt: skip
def test_nothing_is_opened_but_what_is_shared_for_it(
    box: RunnerSandbox, boxes: Recorded, message: dict[str, object]
) -> None:
    said = asked(box, message)
    assert said is None or said["why"] == "refused"
    assert boxes.opened == []


@pytest.mark.parametrize(
    "header",
    [
        b"", b"{", b"null", b"[]", b'"open"', b"\xff\xfe", b"\0" * 100, b"[" * 100_000, b'{"op":"eval"}',
        b'{"op":"ping","more":1}', b'{"op":["ping"]}', b'{"op":"run","text":0}', b'{"op":"restart"}',
        b'{"op":"open","folder":7}', b'{"op":"attach","session":"../../x"}', b"GET / HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_first_message_ends_the_connection(box: RunnerSandbox, boxes: Recorded, header: bytes) -> None:
    assert asked(box, header) is None
    assert boxes.opened == []


def test_a_session_is_found_by_its_token_alone(box: RunnerSandbox) -> None:
    said = asked(box, {"op": "attach", "session": "0" * 32})
    assert said is not None
    assert said["why"] == "closed"


@pytest.mark.parametrize("lengths", [(0xFFFFFFFF, 0), (2, 0xFFFFFFFF), (wire.LONGEST_HEADER + 1, 0), (10, 1)])
def test_a_length_that_is_too_much_is_not_waited_for(box: RunnerSandbox, lengths: tuple[int, int]) -> None:
    with link(box) as made:
        made.sendall(struct.pack("!II", *lengths))
        assert answer(made) is None


def test_a_message_that_does_not_end_is_not_waited_for(box: RunnerSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FRAME_SECONDS", 0.2)
    for half in (b"\0", struct.pack("!II", 13, 0) + b'{"op":"pi'):
        with link(box) as made:
            with contextlib.suppress(ConnectionError):  # it may have waited long enough already
                made.sendall(half)
            assert answer(made) is None


def test_a_slow_writer_who_ends_in_time_is_served(box: RunnerSandbox) -> None:
    with link(box) as made:
        for byte in struct.pack("!II", 13, 0) + b'{"op":"ping"}':
            made.sendall(bytes([byte]))
        assert answer(made) is not None


def test_half_a_message_and_then_nothing_closes_the_session(
    box: RunnerSandbox, boxes: Recorded, tmp_path: Path
) -> None:
    session = box.open(tmp_path / "shared/checkouts/c1/1")
    session._life._link.send(b"\0\0")
    session._life.shut()
    assert until(lambda: boxes.closed == 1)


def test_a_command_line_that_says_something_else_ends_without_the_session(
    box: RunnerSandbox, boxes: Recorded, tmp_path: Path
) -> None:
    session = box.open(tmp_path / "shared/checkouts/c1/1")
    line = session._connection()
    line.send(b'{"op":"open","folder":"checkouts/c1/1"}')
    with pytest.raises(wire.Broken):
        line.receive(20)
    line.close()
    assert session.run("still here").output == "still here"
    assert len(boxes.opened) == 1
    session.close()


@pytest.mark.parametrize("env", [{"A=B": "x"}, {"": "x"}, {"LD PRELOAD": "x"}, {"A": "x" * 70_000}])
def test_odd_environments_are_refused_before_they_are_sent(
    box: RunnerSandbox, tmp_path: Path, env: dict[str, str]
) -> None:
    session = box.open(tmp_path / "shared/checkouts/c1/1")
    with pytest.raises(ValueError, match="env"):
        session.run("true", env=env)
    session.close()


def test_another_user_is_refused_whatever_the_modes_say(tmp_path: Path, boxes: Recorded) -> None:
    with serving(tmp_path, boxes, peers=frozenset([os.geteuid() + 1])) as box:
        assert asked(box, {"op": "ping"}) is None
        with pytest.raises(RunnerGone):
            box.open(tmp_path / "checkouts/c1")
    assert boxes.opened == []


def test_the_socket_is_its_owners_alone(box: RunnerSandbox) -> None:
    assert box._socket.stat().st_mode & 0o777 == 0o600


def test_one_session_more_than_there_is_room_for_waits(tmp_path: Path, boxes: Recorded) -> None:
    with serving(tmp_path, boxes, most=2) as box:
        (tmp_path / "checkouts/c1").mkdir()
        first, _second = box.open(tmp_path / "checkouts/c1"), box.open(tmp_path / "checkouts/c1")
        with pytest.raises(RunnerGone, match="2 sessions"):
            box.open(tmp_path / "checkouts/c1")
        first.close()

        def room() -> bool:
            try:
                box.open(tmp_path / "checkouts/c1").close()
            except RunnerGone:
                return False
            return True

        assert until(room)


def test_a_worker_names_nothing_outside_the_shared_folder(box: RunnerSandbox, boxes: Recorded, tmp_path: Path) -> None:
    for place in (tmp_path, Path("/etc"), tmp_path / "shared", tmp_path / "shared/checkouts/c1/out"):
        with pytest.raises(SandboxUnavailable):
            box.open(place)
    assert boxes.opened == []


def test_many_connections_that_say_nothing_do_not_keep_others_out(box: RunnerSandbox) -> None:
    idle = [reached(box._socket) for _ in range(100)]
    said = asked(box, {"op": "ping"})
    for line in idle:
        line.close()
    assert said is not None
