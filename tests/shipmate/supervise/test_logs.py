from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

from shipmate.supervise.logs import MergedLog


def until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def piped(content: bytes) -> io.BufferedReader:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return os.fdopen(reading, "rb")


def test_lines_go_to_the_stream_with_their_name_and_to_a_file(tmp_path: Path) -> None:
    out = io.StringIO()
    log = MergedLog(tmp_path, echo=True, stream=out).of("bot")
    log.follow(piped(b"one\ntwo"))
    until(lambda: out.getvalue().count("\n") == 2)
    assert out.getvalue() == "bot        │ one\nbot        │ two\n"
    assert log.path.read_bytes() == b"one\ntwo\n"
    assert log.tail() == ["one", "two"]


def test_without_echo_lines_only_go_to_the_file(tmp_path: Path) -> None:
    out = io.StringIO()
    merged = MergedLog(tmp_path, echo=False, stream=out)
    merged.of("bot").follow(piped(b"quiet\n"))
    until(lambda: (tmp_path / "logs" / "bot.log").exists() and b"quiet" in (tmp_path / "logs" / "bot.log").read_bytes())
    merged.say("shipmate", "loud", always=True)
    assert out.getvalue() == "shipmate   │ loud\n"


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    out = io.StringIO()
    MergedLog(tmp_path, echo=True, stream=out).of("bot").follow(piped(b"\x1b[2J\x07\x9b31mred \xff\r\n"))
    until(lambda: out.getvalue().endswith("\n"))
    assert not set(out.getvalue()) & {"\x1b", "\x07", "\x9b", "\r"}


def test_a_log_that_grew_too_long_makes_room(tmp_path: Path) -> None:
    merged = MergedLog(tmp_path, echo=False)
    log = merged.of("bot")
    with log.path.open("wb") as old:
        old.truncate(11 * 1024 * 1024)
    log.follow(piped(b"fresh\n"))
    until(lambda: log.path.exists() and log.path.read_bytes() == b"fresh\n")
    assert log.path.with_suffix(".log.1").stat().st_size == 11 * 1024 * 1024
