"""The evaluation, run against the scripted stand-in: it goes on where it ended, and never passes for a result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground.claude.app import create_app
from playground.claude.client import ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.serving import served
from workers.judge.eval import main
from workers.judge.labelled import cases

VETO = """
match = ['(?i)total on the checkout page']
[[review]]
when = 'Points you earn'
unasked = 'Points you earn'
sentence = "Nobody asked for points."
"""

SCOPE_CREEP = sum(one.kind == "scope_creep" for one in cases())


@dataclass
class Place:
    claude: ClaudeScript
    file: Path

    def run(self, *arguments: str) -> int:
        return main(["--results", str(self.file), "--parallel", "2", *arguments])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "veto.toml").write_text(VETO)
    config = ClaudeStandInConfig(state_path=tmp_path / "state.db", extra_scripts_dir=scripts)
    with served(lambda url: create_app(config)) as url:
        for name, value in {
            "ANTHROPIC_API_KEY": "scripted",
            "ANTHROPIC_BASE_URL": url,
            "SHIPMATE_HOME": str(tmp_path / "home"),
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        yield Place(ClaudeScript(url), tmp_path / "kept" / "results.jsonl")


def test_a_script_is_never_told_as_a_result(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("--only", "scope_creep", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scripted"] is True
    assert told["warning"].startswith("SCRIPTED STAND-IN: no model judged anything here.")
    assert (told["caught"]["hits"], told["caught"]["n"]) == (1, SCOPE_CREEP)
    assert [one["named"] for one in told["cases"] if one["verdict"] == "veto"] == [True]


def test_the_words_begin_and_end_with_the_warning(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("--limit", "3") == 0
    told = capsys.readouterr().out.strip()
    assert told.startswith("SCRIPTED STAND-IN")
    assert told.split("\n")[-1].startswith("SCRIPTED STAND-IN")


def test_a_run_goes_on_where_one_ended(place: Place) -> None:
    place.run("--only", "fine_tiny", "--limit", "3")
    assert len(place.claude.calls()) == 3
    place.file.write_text(place.file.read_text() + '{"key": "half a li')
    place.run("--only", "fine_tiny")
    assert len(place.claude.calls()) == 8
    place.run("--only", "fine_tiny", "--fresh", "--limit", "1")
    assert len(place.claude.calls()) == 9


def test_a_script_meets_no_threshold(place: Place) -> None:
    assert place.run("--only", "fine_tiny", "--limit", "1", "--max-false-veto", "1") == 1
    assert place.run("--only", "fine_tiny", "--limit", "1", "--min-catch", "0") == 1


def test_a_refusal_is_no_answer_and_an_error_of_the_key_is_a_failure(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place.claude.fail_next("refusal", category="cyber")
    assert place.run("--only", "injected", "--limit", "1", "--json") == 0
    (case,) = json.loads(capsys.readouterr().out)["cases"]
    assert case["verdict"] is None
    assert "was not reviewed by a second model" in case["flags"][0]
    monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong")
    assert place.run("--only", "injected", "--limit", "1") == 1


def test_two_runs_are_compared_case_by_case(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.run("--class", "scope_creep")
    earlier = place.file.with_name("earlier.jsonl")
    earlier.write_text(place.file.read_text().replace('"verdict":"veto"', '"verdict":"fine"'))
    capsys.readouterr()
    assert place.run("--only", "scope_creep", "--only", "fine_tiny", "--compare", str(earlier), "--json") == 0
    told = json.loads(capsys.readouterr().out)["compared"]
    assert (told["cases"], told["scripted"]) == (SCOPE_CREEP, True)
    assert (told["caught"]["before"]["hits"], told["caught"]["now"]["hits"]) == (0, 1)
    assert [(one["before"], one["now"], one["better"]) for one in told["changed"]] == [("fine", "veto", True)]
    place.run("--only", "scope_creep", "--compare", str(earlier))
    said = capsys.readouterr().out
    assert f"over the {SCOPE_CREEP} cases that both judged" in said
    assert "a script and no model, so this compares nothing" in said
    assert "better: scope_creep, total-with-tax-and-loyalty: fine -> veto" in said
    assert place.run("--compare", str(place.file.with_name("nowhere"))) == 2


def test_what_it_would_cost_is_said_before_and_alone(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("--only", "fine_tiny", "--estimate") == 0
    told = capsys.readouterr().out
    assert told.startswith("Asks claude-opus-5-5 8 times: about ")
    assert "about $0." in told
    assert place.claude.calls() == []
    assert place.run("--estimate", "--model", "claude-unheard-of", "--limit", "1") == 0
    assert "not on the price list" in capsys.readouterr().out


def test_another_effort_is_another_answer(place: Place) -> None:
    place.run("--only", "fine_tiny", "--limit", "1")
    place.run("--only", "fine_tiny", "--limit", "1", "--effort", "low")
    place.run("--only", "fine_tiny", "--limit", "1", "--effort", "low")
    assert len(place.claude.calls()) == 2


def test_an_unknown_class_is_refused(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("--only", "beauty") == 2
    assert "there is no class beauty" in capsys.readouterr().out
