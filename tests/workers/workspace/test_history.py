"""The agent's shell has git's log, blame, show, status and diff on a past that is shown and never written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, tip
from tests.workers.workspace.overlaid import Ground
from workers.sandbox import Session
from workers.sandbox.history_files import patterns
from workers.workspace import Workspace
from workers.workspace.mirror import BareMirror


@pytest.fixture
def base(origin: Origin, mirror: BareMirror) -> str:
    origin.commit({"README.md": "hello\nsecond line\n"})
    sha = origin.commit({"src/app.py": "print('later')\n"})
    mirror.fetch()
    return sha


@pytest.fixture(params=[True, False], ids=["over", "plain"])
def workspace(request: pytest.FixtureRequest, mirror: BareMirror, tmp_path: Path, base: str) -> Workspace:
    return Ground(mirror, tmp_path).workspace(base, layers=request.param, history=True)


@pytest.fixture
def session(mirror: BareMirror, tmp_path: Path, workspace: Workspace) -> Iterator[Session]:
    with Ground(mirror, tmp_path).session(workspace) as made:
        yield made


def test_the_past_of_the_base_can_be_read(session: Session, base: str) -> None:
    assert session.shell("git log --format=%H | head -1").output.strip() == base
    assert session.shell("git rev-list --count HEAD").output.strip() == "3"
    assert session.shell("git blame -s src/app.py").output.startswith(base[:8])
    assert "+second line" in session.shell("git show HEAD~1 -- README.md").output
    assert session.shell("cd src && git log --oneline -- app.py | wc -l").output.strip() == "2"


def test_looking_at_the_past_makes_no_index_and_what_needs_one_finds_it(session: Session, base: str) -> None:
    assert session.shell("git log -1 --format=%H; git show --stat HEAD; git rev-parse HEAD").output.startswith(base)
    assert session.shell("test -e /run/history.git/index").exit_code != 0
    assert session.shell("git show :README.md").output == "hello\nsecond line\n"
    assert session.shell("git ls-files").output.split() == [".gitignore", "README.md", "src/app.py"]


def test_what_was_edited_can_be_seen_and_tried_out(
    session: Session, mirror: BareMirror, workspace: Workspace, base: str
) -> None:
    session.shell("echo more >>README.md; echo new >new.txt; rm src/app.py")
    assert session.shell("git status --short").output.split("\n")[:-1] == [
        " M README.md",
        " D src/app.py",
        "?? new.txt",
    ]
    assert "+more" in session.shell("git diff").output
    assert session.shell("git stash -q -u 2>&1; git status --short; git stash pop -q").exit_code == 0
    names = {one.path for one in mirror.changed(base, mirror.export(workspace, base))}
    assert names == {"README.md", "new.txt", "src/app.py"}


def test_the_workspace_is_a_plain_folder_for_every_program(session: Session, workspace: Workspace) -> None:
    assert session.run("ls -A; git log 2>&1").output.count("not a git repository") == 1
    assert "not a git repository" in session.shell("bash -c 'git log' 2>&1").output
    assert "cannot access" in session.shell("ls -d .git 2>&1").output
    assert session.shell("mkdir /tmp/own && cd /tmp/own && git init -q . && git status --short").exit_code == 0
    assert not (workspace.written / ".git").exists()


def test_the_mirror_cannot_be_written_or_learned_of_from_inside(
    session: Session, mirror: BareMirror, origin: Origin
) -> None:
    ran = session.shell(
        "touch /run/history.git/objects/pack/x; rm -rf /run/history.git/objects/pack/*; git log -1 --format=%s"
    )
    assert ran.output.count("Read-only file system") >= 2
    assert ran.output.endswith("work\n")
    assert origin.url not in session.shell("git config --list; cat /run/history.git/*; git remote -v").output
    assert mirror.has(tip(mirror))


def test_what_other_changes_made_is_not_shown(session: Session, mirror: BareMirror, base: str) -> None:
    blob = mirror._git.text("hash-object", "-w", "--stdin", input=b"somebody else's draft")
    assert session.shell(f"git cat-file -p {blob} 2>&1").exit_code != 0
    assert session.shell(f"git cat-file -t {base}").output == "commit\n"


def test_of_a_part_only_what_is_there_counts_as_changed(origin: Origin, mirror: BareMirror, tmp_path: Path) -> None:
    names = ("src/a/deep/x.py", "src/a/y.py", "src/b/z.py", "docs/one.md", "odd [1]*/here.txt", "odd 1/gone.txt")
    base = origin.commit(dict.fromkeys(names, "text\n"))
    mirror.fetch()
    place = tmp_path / "part"
    place.mkdir()
    workspace = mirror.workspace(place, base, sparse=("src/a", "src/a/deep", "odd [1]*"), history=True)
    with Ground(mirror, tmp_path).session(workspace) as session:
        assert session.shell("git status --short").output == ""
        session.shell("echo more >>src/a/y.py; rm 'odd [1]*/here.txt'; echo new >src/new.py")
        found = session.shell("git status --short").output.splitlines()
        assert found == [' D "odd [1]*/here.txt"', " M src/a/y.py", "?? src/new.py"]
        assert "+more" in session.shell("git diff").output
        assert session.shell("git show HEAD:src/b/z.py").output == "text\n"


def test_names_in_patterns_mean_themselves_and_none_are_made_of_what_cannot_be_written() -> None:
    assert patterns(("a/b/c", "a/b/c/d", "x*")) == "/*\n!/*/\n/a/\n!/a/*/\n/a/b/\n!/a/b/*/\n/a/b/c/\n/x\\*/\n"
    assert patterns(()) == patterns(("a\nb",)) == ""
