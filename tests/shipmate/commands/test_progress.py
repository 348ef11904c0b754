from __future__ import annotations

import json

import pytest

from bot.checkup.report import plain
from shipmate.commands.progress import JsonProgress, LiveProgress, PlainProgress, Progress, progress


def tell(shown: Progress) -> None:
    with shown:
        shown.step("ana asks: \x1b[31mred\u202e", request="x")
        shown.detail("Working")
        shown.detail("Working")
        shown.step("merged", phase="merged")
        shown.end(True, "The change is merged.", change="c1", pull="http://x/1", undo=None)


def test_money_is_said_in_dollars_and_named_a_list_price(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainProgress() as shown:
        shown.end(True, "Done.", usage={"turns": 4, "wasted": 0, "micros": 41_409})
        shown.end(True, "Done.", usage={"turns": 0})
    said = capsys.readouterr().out
    assert said.splitlines()[-2].strip() == "usage: turns 4, list price $0.04"
    assert said.count("usage") == 1


def test_plain_lines_have_seconds_and_say_each_thing_once(capsys: pytest.CaptureFixture[str]) -> None:
    tell(PlainProgress())
    out = capsys.readouterr().out
    assert [line.split(" s ", 1)[-1].strip() for line in out.splitlines()] == [
        "ana asks:  [31mred",
        "Working",
        "merged",
        "OK: The change is merged.",
        "pull: http://x/1",
    ]


def test_json_has_one_object_per_line_and_ends_with_the_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    tell(JsonProgress())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["step", "card", "step", "end"]
    assert all(line["seconds"] >= 0 for line in lines)
    assert lines[-1]["ok"] is True
    assert lines[-1]["pull"] == "http://x/1"


def test_live_shows_steps_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    tell(LiveProgress())
    out = capsys.readouterr().out
    assert "The change is merged." in out
    assert "\x1b[31mred" not in out
    assert "\u202e" not in out


def test_piped_output_is_plain_and_json_is_asked_for() -> None:
    assert isinstance(progress(False), PlainProgress)
    assert isinstance(progress(True), JsonProgress)


def test_text_of_others_is_one_harmless_line() -> None:
    assert plain("a\nb\x00\x9b\u200bc ") == "a b   c"
