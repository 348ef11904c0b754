"""What every `Session` promises: real sandboxes, plain processes, and the folder that tests of the agent run in.

The last one keeps no shell, has no walls and cannot be cancelled: what is tested of those uses the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.agent.acting import FolderSession
from workers.sandbox import Limits, Session
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.process import ProcessSandbox

TOOLBOX = Path(__file__).resolve().parents[2] / ".toolbox"


def opened(kind: str, home: Path, workspace: Path) -> Session:
    if kind == "folder":
        return FolderSession(workspace)
    return (Bubblewrap if kind == "bubblewrap" else ProcessSandbox)(home, TOOLBOX).open(workspace)


@pytest.fixture(params=["bubblewrap", "process", "folder"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "a.txt").write_text("one\n")
    made = opened(request.param, tmp_path / "home", workspace)
    yield made
    made.close()
    made.close()


def test_a_command_runs_in_the_workspace_and_gives_its_exit_code_and_both_streams(session: Session) -> None:
    ran = session.run("cat a.txt; echo two >&2; exit 3")
    assert (ran.exit_code, sorted(ran.output.split())) == (3, ["one", "two"])
    assert (ran.timed_out, ran.flooded, ran.cancelled) == (False, False, False)


def test_the_shell_runs_in_the_workspace_too(session: Session) -> None:
    ran = session.shell("cat a.txt && false")
    assert (ran.exit_code, ran.output) == (1, "one\n")


def test_stdin_and_environment_reach_one_command(session: Session) -> None:
    assert session.run("cat; echo $WHO", stdin=b"hello\n", env={"WHO": "ana"}).output == "hello\nana\n"
    assert session.run("cat; echo $WHO").output == "\n"


def test_a_command_over_its_time_has_no_exit_code(session: Session) -> None:
    ran = session.run("sleep 30", limits=Limits(wall_seconds=0.5))
    assert (ran.exit_code, ran.timed_out) == (None, True)


def test_a_flood_is_cut_and_has_no_exit_code(session: Session) -> None:
    ran = session.run("head -c 5000000 /dev/zero | tr '\\0' x; sleep 1", limits=Limits(output_bytes=10_000))
    assert (ran.exit_code, ran.flooded) == (None, True)
    assert 0 < len(ran.output) < 100_000


def test_bytes_that_are_no_text_are_replaced(session: Session) -> None:
    assert session.run(r"printf '\377a'").output == "\ufffda"
