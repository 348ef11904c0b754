"""`shipmate eval judge` brings up what the evaluation needs, hands the arguments on, and ends with its exit code."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.journeys.command import ARGV
from tests.journeys.zygote import zygote


def shipmate(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "SHIPMATE_HOME": str(tmp_path / "home"), "COLUMNS": "100"}
    return zygote().run([*ARGV, "eval", "judge", *arguments], env, 120)


def test_without_a_key_a_script_answers_and_it_is_said(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    said = shipmate(tmp_path, "--limit", "2", "--json", "--results", str(file))
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["scripted"], len(told["cases"]), told["not_judged"]) == (True, 2, [])
    assert "no model judged anything" in told["warning"]
    assert len(file.read_text().splitlines()) == 2
