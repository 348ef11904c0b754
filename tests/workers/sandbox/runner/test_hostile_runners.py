"""What a worker does with a runner that does not keep to what was agreed, as one might that was taken over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workers.sandbox import Limits
from workers.sandbox.runner import client, messages, wire
from workers.sandbox.runner.client import RunnerGone, RunnerSession
from workers.sandbox.runner.messages import CommandDone, Fine, Opened
from workers.sandbox.runner.wire import Connection

Act = Callable[[Connection], object]
Begin = Callable[[Act], RunnerSession]

DONE = CommandDone(exit_code=0, seconds=0.1, timed_out=False, flooded=False, cancelled=False)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Begin]:
    """A session whose runner takes one command and then does what it is told to."""
    ends: list[Connection] = []
    threads: list[threading.Thread] = []

    def begin(act: Act) -> RunnerSession:
        ours, theirs = socket.socketpair()
        life, other = socket.socketpair()
        session = RunnerSession(tmp_path / "none", Connection(life), Opened(token="0" * 32, root="/workspace"))
        session._idle.append(Connection(ours))
        line = Connection(theirs)
        ends.extend((line, Connection(other)))

        def serve() -> None:
            line.receive(20)
            act(line)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return session

    yield begin
    for thread in threads:
        thread.join(20)
    for end in ends:
        end.close()


def say(message: messages.Message, data: bytes = b"") -> Act:
    return lambda line: line.send(messages.written(message), data)


def test_an_honest_answer_is_taken(talk: Begin) -> None:
    assert talk(say(DONE, b"a\xffb")).run("true").output == "a\ufffdb"


@pytest.mark.parametrize(
    "act",
    [
        say(DONE, b"x" * 100_000),
        say(Fine()),
        lambda line: line.send(b"not json"),
        lambda line: line.send(b'{"said":"done","exit_code":"0"}'),
        lambda line: line.shut(),
        lambda line: line._link.send(b"\xff" * 8),
    ],
    ids=["more than was asked for", "another answer", "no message", "wrong types", "the end", "a huge length"],
)
def test_anything_else_means_that_the_runner_is_gone(talk: Begin, act: Act) -> None:
    with pytest.raises(RunnerGone):
        talk(act).run("true", limits=Limits(output_bytes=1000))


def test_a_runner_that_never_answers_is_not_waited_for(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_GRACE_SECONDS", 0.2)
    silent = threading.Event()
    session = talk(lambda _: silent.wait(20))
    with pytest.raises(RunnerGone):
        session.run("true", limits=Limits(wall_seconds=0.2))
    silent.set()


def test_a_runner_that_does_not_read_is_not_waited_for(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_SEND_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    line = Connection(ours)
    with pytest.raises(wire.Broken, match="does not read"):
        line.send(b"{}", b"x" * (8 << 20))
    line.close()
    theirs.close()


def test_a_command_that_is_too_long_is_said_to_be(talk: Begin) -> None:
    session = talk(lambda _: None)
    with pytest.raises(ValueError, match="bytes together"):
        session.run("true", stdin=b"x" * (wire.LONGEST_ORDER + 1))
    session._idle[0].send(b"{}")
