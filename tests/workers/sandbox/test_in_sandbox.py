"""Small programs of ours that run inside without an interpreter of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.sandbox.conftest import TOOLBOX
from workers.sandbox import Limits
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.process import ProcessSandbox
from workers.sandbox.programs import INWARD, compiled
from workers.sandbox.session import BashSession


def sent(source: str, rest: bytes = b"") -> bytes:
    return compiled(source.encode(), "program") + rest


@pytest.fixture(params=["bubblewrap", "process"])
def session(request: pytest.FixtureRequest, tmp_path: Path, workspace: Path) -> Iterator[BashSession]:
    kind = Bubblewrap if request.param == "bubblewrap" else ProcessSandbox
    session = kind(tmp_path / "home", TOOLBOX).open(workspace)
    yield session
    session.close()


def test_a_program_finds_its_input_behind_itself_and_speaks_as_any_other(session: BashSession) -> None:
    program = sent("import sys; print(sys.stdin.buffer.read().decode() + '!')", b"hello")
    ran = session.run(INWARD, stdin=program)
    assert (ran.exit_code, ran.output) == (0, "hello!\n")


def test_a_program_of_another_kind_of_interpreter_is_compiled_from_its_source(session: BashSession) -> None:
    _, _, rest = compiled(b"print(6 * 7)", "program").partition(b" ")
    assert session.run(INWARD, stdin=b"cpython-299 " + rest).output == "42\n"


def test_a_program_that_fails_says_so(session: BashSession) -> None:
    ran = session.run(INWARD, stdin=sent("raise ValueError('no such thing')"))
    assert ran.exit_code == 1
    assert "ValueError: no such thing" in ran.output
    assert session.run(INWARD, stdin=sent("import sys; sys.exit(3)")).exit_code == 3


def test_a_program_that_does_not_end_is_killed_and_the_next_one_runs(session: BashSession) -> None:
    assert session.run(INWARD, stdin=sent("while True: pass"), limits=Limits(wall_seconds=0.3)).timed_out
    assert session.run(INWARD, stdin=sent("print('here')")).output == "here\n"


def test_a_program_holds_nothing_of_process_1(tmp_path: Path, workspace: Path) -> None:
    session = Bubblewrap(tmp_path / "home", TOOLBOX).open(workspace)
    look = (
        "import os\nfound = []\nfor fd in range(4096):\n    try:\n        os.fstat(fd)\n        found.append(fd)\n"
        "    except OSError:\n        pass\nprint(found, os.getpid() > 1, os.getcwd(), sorted(os.environ))"
    )
    try:
        said = session.run(INWARD, stdin=sent(look)).output
        names = session.run("env -0 | cut -z -d= -f1 | sort -z | tr '\\0' ' '").output.split()
    finally:
        session.close()
    assert said == f"[0, 1, 2] True /workspace {sorted(set(names) - {'PWD', 'SHLVL', '_', 'OLDPWD'})}\n"


def test_what_a_program_changes_of_its_interpreter_no_other_one_sees(session: BashSession) -> None:
    session.run(INWARD, stdin=sent("import os, sys; sys.modules['os'].spoilt = True; os.environ['SPOILT'] = '1'"))
    after = "import os; print(hasattr(os, 'spoilt'), 'SPOILT' in os.environ)"
    assert session.run(INWARD, stdin=sent(after)).output == "False False\n"
