from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shipmate.commands.demo import welcome
from shipmate.commands.exit_codes import explained
from shipmate.embedded.defaults import complete
from shipmate.supervise.home_lock import AlreadyRuns, HomeLock, RunningSupervisor
from shipmate.supervise.processes import PlaygroundWishes, all_processes
from shipmate.supervise.supervisor import ProcessStartFailed
from tests.journeys.command import ARGV
from tests.journeys.zygote import zygote


def shipmate(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "SHIPMATE_HOME": str(tmp_path / "home"), "COLUMNS": "100", **environ}
    return zygote().run([*ARGV, *arguments], env, 120)


def test_help_names_every_verb_and_the_exit_codes() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "shipmate.cli", "--help"],
        env={"PATH": os.environ["PATH"], "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0
    for verb in ("up", "demo", "play", "try", "bot", "worker", "playground", "doctor", "migrate"):
        assert f"│ {verb} " in said.stdout
    assert "Exit codes" in said.stdout
    assert "2: settings or arguments are wrong" in said.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, shipmate.cli\n"
        "heavy = {'sqlalchemy', 'celery', 'pydantic', 'starlette', 'slack_sdk', 'cryptography', 'uvicorn'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["try", " "], "request: is empty"),
        (["try", "x", "--until", "someday"], "--until"),
        (["try", "x", "--as", "nobody"], "--as"),
        (["try", "x", "--approve-as", "nobody"], "--approve-as"),
        (["try", "x", "--script", "missing.toml"], "--script"),
        (["try", "x", "--repo", "missing"], "--repo"),
        (["worker", "--lanes", "fast"], "--lanes"),
        (["up", "--env-file", "missing.env"], "missing.env"),
        (["try"], "Missing argument"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_arguments_are_named_with_exit_code_2(tmp_path: Path, arguments: list[str], says: str) -> None:
    ran = shipmate(tmp_path, *arguments)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_every_process_is_handed_the_file_of_settings_that_the_command_was_given(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1\n")
    (tmp_path / "other.env").write_text("PORT=2\nLOG_LEVEL=ERROR\n")
    specs = all_processes(complete({"SHIPMATE_HOME": str(tmp_path)}, tmp_path / "other.env"), PlaygroundWishes())
    bot, talk = (next(spec for spec in specs if spec.name == name) for name in ("bot", "talk"))
    assert (bot.env["PORT"], bot.env["LOG_LEVEL"], talk.env["LOG_LEVEL"]) == ("2", "ERROR", "ERROR")
    assert {spec.env["SHIPMATE_ENV_FILE"] for spec in (bot, talk)} == {os.devnull}, "no part reads another file"


@pytest.mark.parametrize(
    ("environ", "arguments", "says"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, [], "SLACK_BOT_TOKEN"),
        ({"ANTHROPIC_API_KEY": "k"}, ["--script", "pyproject.toml"], "--script"),
        ({"GITHUB_TOKEN": "t", "SHIPMATE_REPOSITORIES": "a/b"}, ["--repo", "."], "--repo"),
    ],
)
def test_try_never_acts_on_real_services(
    tmp_path: Path, environ: dict[str, str], arguments: list[str], says: str
) -> None:
    ran = shipmate(tmp_path, "try", "x", *arguments, **environ)
    assert ran.returncode == 2
    assert says in ran.stderr


def test_the_playground_alone_needs_something_to_stand_in_for(tmp_path: Path) -> None:
    real = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "GITHUB_TOKEN": "t",
        "SHIPMATE_REPOSITORIES": "a/b",
        "ANTHROPIC_API_KEY": "k",
    }
    ran = shipmate(tmp_path, "playground", **real)
    assert ran.returncode == 2
    assert "No stand-in is needed" in ran.stderr


def test_migrate_makes_the_tables_once(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    first, second = shipmate(tmp_path, "migrate"), shipmate(tmp_path, "migrate")
    assert (first.returncode, first.stdout) == (0, "The database was migrated.\n")
    assert (second.returncode, second.stdout) == (0, "The database is up to date.\n")


def test_migrate_says_when_the_database_is_away(tmp_path: Path) -> None:
    ran = shipmate(tmp_path, "migrate", DATABASE_URL="postgresql://u:p@127.0.0.1:1/x")
    assert ran.returncode == 1
    assert "cannot be reached" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_second_start_says_who_runs_and_where(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path / "home")
    lock.write({"url": "http://127.0.0.1:8031/?two=ana,ben"})
    ran = shipmate(tmp_path, "demo", "--no-open")
    lock.release()
    assert ran.returncode == 1
    assert f"process {os.getpid()}" in ran.stderr
    assert "http://127.0.0.1:8031/?two=ana,ben" in ran.stderr


def test_faults_that_an_operator_can_mend_have_their_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(fault: BaseException) -> int:
        def command() -> None:
            raise fault

        return explained(command)

    assert explained(lambda: None) == 0
    assert fails(SystemExit(3)) == 3
    assert fails(SystemExit()) == 0
    assert fails(KeyboardInterrupt()) == 130
    words = ["last words", '{"event": "no_sandbox", "why": "no bwrap", "fix": "install it"}', '{"x": 1}', "[1]"]
    assert fails(ProcessStartFailed("bot", 1, [*words, *words], Path("bot.log"))) == 1
    assert fails(ProcessStartFailed("bot", 2, [], Path("bot.log"))) == 2
    assert fails(AlreadyRuns(RunningSupervisor(7, {}))) == 1
    said = capsys.readouterr().err
    assert [said.count(text) for text in ("last words", "no_sandbox: no bwrap -> install it", '{"x": 1}')] == [1, 1, 1]
    with pytest.raises(ZeroDivisionError):
        fails(ZeroDivisionError())


def test_the_box_says_where_to_go_who_is_who_and_that_claude_is_scripted(tmp_path: Path) -> None:
    from rich.console import Console

    def shown(**environ: str) -> str:
        console = Console(width=100, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
        settings = complete({"SHIPMATE_HOME": str(tmp_path / "home"), **environ})
        console.print(welcome(settings, "http://127.0.0.1:8031/?two=ana,ben"))
        return console.export_text()

    text = shown()
    for word in (
        "http://127.0.0.1:8031/?two=ana,ben",
        "ana",
        "ben",
        "Approve & merge",
        "Claude is scripted",
        "ANTHROPIC_API_KEY",
    ):
        assert word in text
    assert "scripted" not in shown(ANTHROPIC_API_KEY="k")
    assert "Note: GITHUB_API_URL" in shown(GITHUB_API_URL="https://x.test")


def test_help_answers_at_once() -> None:
    """It takes little of a processor: seconds on the clock would say how busy the machine is."""
    best = min(_processor_seconds("--help") for _ in range(3))
    assert best < 1.0


def _processor_seconds(*arguments: str) -> float:
    process = subprocess.Popen([sys.executable, "-m", "shipmate.cli", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime
