"""`.shipmate.toml` and `shipmate policy check`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workers.checks import Plan, WorkspacePolicy
from workers.checks.plan import PolicyError, plan
from workers.checks.plan.schema import KEYS, parse
from workers.checks.policy_check import main, of_commit, of_folder
from workers.ecosystems.candidate import Check

DOCS = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()


def planned(policy: str, **files: str) -> Plan:
    texts = {".shipmate.toml": policy, **{name.replace("__", "."): text for name, text in files.items()}}
    return plan(lambda path: texts[path].encode() if path in texts else None, sorted(texts))


def refused(policy: str) -> PolicyError:
    with pytest.raises(PolicyError) as wrong:
        planned(policy)
    return wrong.value


def test_the_documented_example_is_complete_and_valid() -> None:
    example = re.search(r"```toml\n(.*?)```", DOCS, re.S)
    assert example
    written = parse(example[1].encode())
    assert {section: set(keys) for section, keys in written.items()} == {name: set(keys) for name, keys in KEYS.items()}
    made = planned(example[1])
    assert made == Plan(
        source=".shipmate.toml",
        test="python -m pytest -q --junitxml=out/tests.xml",
        reports=("out/*.xml",),
        wall_seconds=1200.0,
        build="make app",
        build_output="dist",
        needs=("python", "make"),
        quick=(
            Check("format", "ruff format --check .", "format", "any"),
            Check("lint", "ruff check --output-format=json .", "lint", "any"),
            Check("types", "mypy", "types", "any"),
        ),
        test_changed="python -m pytest -q --junitxml=out/tests.xml {files}",
        workspace=WorkspacePolicy(("services/api", "libs"), True, False, ("vendor/lib",)),
        hosts=("api.example.com", "registry.example.com:8443"),
    )


def test_every_key_is_documented() -> None:
    assert [key for keys in KEYS.values() for key in keys if f"`{key}`" not in DOCS] == []


def test_a_written_linter_takes_the_place_of_those_detected_and_false_of_all() -> None:
    pyproject = "[tool.ruff]\n[tool.mypy]\n[tool.pytest.ini_options]\n"
    assert [check.name for check in planned("", pyproject__toml=pyproject).quick] == ["ruff", "mypy"]
    made = planned('[checks]\nlint = "make lint"\n', pyproject__toml=pyproject)
    assert [(check.name, check.command) for check in made.quick if check.kind == "lint"] == [("lint", "make lint")]
    assert planned("[checks]\nlint = false\ntypes = false\n", pyproject__toml=pyproject).quick == ()
    assert made.tool == "pytest"


@pytest.mark.parametrize(
    ("policy", "line", "words"),
    [
        ("[setup]\nminutes = 3\n[checks]\nminutes = 0\n", 4, "more than 0"),
        ("[checks]\nminutes = 3\n[setup]\nminutes = 999\n", 4, "at most 120"),
        ("[network]\nhosts = ['*.example.com']\n", 2, "exact names"),
        ("[network]\nhosts = ['10.0.0.1']\n", 2, "exact names"),
        ("[network]\nhosts = ['localhost']\n", 2, "exact names"),
        ("[network]\nhosts = ['https://example.com']\n", 2, "exact names"),
        ("[network]\nhosts = 'example.com'\n", 2, "must be a list of host names"),
        ("[workspace]\nsparse = ['../x']\n", 2, "inside the repository"),
        ("[workspace]\npartial = 1\n", 2, "true or false"),
        ('[workspace]\nsubmodules = "vendor"\n', 2, "true, false or a list of folders"),
        ('[workspace]\nsubmodules = ["../x"]\n', 2, "inside the repository"),
        ("[checks]\nneeds = ['rm -rf /']\n", 2, "a list of programs"),
        ("[checks]\nlint = true\n", 2, "or false"),
        ("[checks]\nlint = 'x {files}'\n", 2, "only `test_changed`"),
        ("checks.test = 'x'\nchecks.tset = 'y'\n", 1, "did you mean `test`"),
        ("[checks]\n\n  \"tset\" = 'y'\n", 3, "did you mean `test`"),
        ("[check]\n", 1, "did you mean `checks`"),
        ("[[checks]]\ntest = 'x'\n", 1, "must be a section"),
        ("[setup]\ncommand = ['x']\n", 2, "a command in quotes"),
        ("[checks]\nreports = [" + "'x'," * 300 + "]\n", 2, "more than 200"),
    ],
)
def test_a_mistake_names_its_line_and_what_would_be_right(policy: str, line: int, words: str) -> None:
    wrong = refused(policy)
    assert (wrong.line, words in wrong.message) == (line, True), str(wrong)


def test_the_command_prints_the_plan_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pytest.ini").write_text("")
    (tmp_path / "test_a.py").write_text("def test_a(): pass")
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Plan: pytest" in said
    assert "python -m pytest" in said


def test_the_command_names_the_line_of_a_mistake_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".shipmate.toml").write_text("[checks]\n\ntset = 'x'\n")
    assert main([str(tmp_path)]) == 1
    assert ".shipmate.toml, line 3: [checks] has no key `tset`" in capsys.readouterr().err
    assert main(["--json", str(tmp_path)]) == 1
    assert json.loads(capsys.readouterr().out)["line"] == 3


def test_all_mistakes_are_named_in_the_order_of_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = "[network]\nhosts = ['*']\n[checks]\ntset = 'x'\nminutes = 0\n[nework]\n[build]\noutput = 'dist'\n"
    wrong = refused(policy)
    assert [one.line for one in (wrong, *wrong.others)] == [2, 4, 5, 6]
    (tmp_path / ".shipmate.toml").write_text(policy)
    assert main([str(tmp_path)]) == 1
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        f".shipmate.toml, line {line}" for line in (2, 4, 5, 6)
    ]
    assert main(["--json", str(tmp_path)]) == 1
    assert [one["line"] for one in json.loads(capsys.readouterr().out)["mistakes"]] == [2, 4, 5, 6]


def test_of_a_thousand_mistakes_fifty_are_named() -> None:
    wrong = refused("".join(f"[nowhere{n}]\n" for n in range(700)))
    assert len(wrong.others) == 49


def test_hosts_that_the_operator_does_not_allow_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".shipmate.toml").write_text("[network]\nhosts = ['api.example.com', 'db.example.com:5432']\n")
    assert main([str(tmp_path)]) == 0
    assert "Not allowed" not in capsys.readouterr().out
    assert main([str(tmp_path), "--operator=ours.toml", "--allow=api.example.com:443"]) == 0
    said = capsys.readouterr().out
    assert "Not allowed by the operator (ours.toml, [network] allow): db.example.com:5432\n" in said
    assert main([str(tmp_path), "--operator=ours.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["withheld"] == ["api.example.com", "db.example.com:5432"]


def test_programs_of_the_toolbox_are_not_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".shipmate.toml").write_text("[checks]\ntest = 'x'\nneeds = ['rare-tool', 'rarer-tool']\n")
    tool = tmp_path / "toolbox" / "bin" / "rare-tool"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert main([str(tmp_path), "--json", f"--toolbox={tmp_path / 'toolbox'}"]) == 0
    assert json.loads(capsys.readouterr().out)["absent"] == ["rarer-tool"]


def test_the_command_takes_the_policy_file_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "proposed.toml"
    other.write_text("[checks]\ntest = 'make prove'\nneeds = ['no-such-program']\n")
    assert main(["--json", str(other)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["plan"]["test"], said["absent"]) == ("make prove", ["no-such-program"])


def test_the_command_ends_with_two_for_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main(["--repo", str(tmp_path)]) == 2
    assert main(["--repo", str(tmp_path), "--at=--output=x"]) == 2
    assert "There is no file or folder" in capsys.readouterr().err


def test_a_commit_is_read_as_it_is_and_not_the_folder_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / ".shipmate.toml").write_text("[checks]\ntest = 'make one'\n")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    (tmp_path / ".shipmate.toml").write_text("[checks]\ntest = 'make two'\n")
    committed, present = of_commit(tmp_path, "main"), of_folder(tmp_path)
    assert plan(committed.read, committed.files).test == "make one"
    assert plan(present.read, present.files).test == "make two"

    git("worktree", "add", "-q", "--detach", "beside")
    monkeypatch.chdir(tmp_path)
    for named in (".", "beside", str(tmp_path / ".git")):
        assert main(["--repo", named]) == 0
        assert "make one" in capsys.readouterr().out


def test_the_command_says_how_much_is_brought_and_that_the_operator_has_the_last_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".shipmate.toml").write_text(
        '[workspace]\nsparse = ["a"]\npartial = true\nlfs = true\nsubmodules = true\n[network]\nhosts = ["b.example"]\n'
    )
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Only these folders are checked out: a" in said
    assert "fetched as they are needed" in said
    assert "Git LFS files are downloaded" in said
    assert "if the operator serves them: all" in said
    assert "if the operator allows it: b.example" in said


def test_the_command_follows_no_link_and_prints_no_control_character(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".shipmate.toml").symlink_to("/etc/passwd")
    assert main([str(tmp_path)]) == 0
    (tmp_path / ".shipmate.toml").unlink()
    (tmp_path / ".shipmate.toml").write_text('[checks]\ntest = "echo \\u001b[31m\\u202e"\n')
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "echo ?[31m?" in said
    assert "root:" not in said


def test_shipmate_starts_the_check_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".shipmate.toml").write_text("[checks]\ntest = 'make prove'\n[network]\nhosts = ['a.example.com']\n")
    (tmp_path / "ours.toml").write_text("[network]\nallow = ['b.example.com']\n")
    ran = subprocess.run(
        [sys.executable, "-m", "shipmate.cli", "policy", "check", str(tmp_path), "--json"],
        env={"PATH": os.environ["PATH"], "SHIPMATE_CONFIG": str(tmp_path / "ours.toml")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, json.loads(ran.stdout)["plan"]["source"]) == (0, ".shipmate.toml")
    assert json.loads(ran.stdout)["withheld"] == ["a.example.com"]
