"""Git layouts made to run a program on whoever touches them: nothing runs, and the change is still seen byte for byte.

Each fixture writes into an agent's folder, or into the repository's own history, what makes an ordinary `git status`,
`diff`, `add`, `commit`, `fetch` or `push` run the marker program.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Forge, Origin, tip
from tests.workers.workspace.overlaid import Ground
from workers.workspace import ExportRefused, Remote, RemoteRefused, Workspace
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror
from workers.workspace.steps import Step

pytestmark = pytest.mark.attack("git that runs code")

PROGRAMS = (
    "core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean",
    "filter.evil.smudge", "filter.evil.process", "filter.lfs.clean", "filter.lfs.process", "merge.evil.driver",
    "gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "credential.helper", "sequence.editor",
    "uploadpack.packObjectsHook", "alias.write-tree", "trailer.x.command", "submodule.sub.update", "hook.evil.command",
    "pager.diff-tree", "interactive.diffFilter", "remote.origin.receivepack", "remote.origin.uploadpack",
)  # fmt: skip


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that comes into being when the marker program runs."""
    return tmp_path / "MARKER"


@pytest.fixture
def program(tmp_path: Path, marker: Path) -> str:
    """The marker program."""
    place = tmp_path / "evil.sh"
    place.write_text(f"#!/bin/sh\ntouch {marker}\ncat 2>/dev/null\nexit 0\n")
    place.chmod(0o755)
    return str(place)


def ordinary(folder: Path, *args: str) -> None:
    """The ordinary git program with nothing hardened; it may fail."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_AUTHOR_NAME": "m", "GIT_AUTHOR_EMAIL": "m@e.com",
           "GIT_COMMITTER_NAME": "m", "GIT_COMMITTER_EMAIL": "m@e.com"}  # fmt: skip
    subprocess.run(["git", "-C", str(folder), *args], env=env, capture_output=True, check=False, timeout=60)


def repository(place: Path, program: str) -> None:
    """A git repository in `place` with every key, hook and attribute set to the marker program."""
    place.mkdir(parents=True, exist_ok=True)
    ordinary(place, "init", "-q", "-b", "main", ".")
    for key in PROGRAMS:
        ordinary(place, "config", key, program)
    ordinary(place, "config", "hook.evil.event", "pre-commit")
    ordinary(place, "config", "core.hooksPath", str(place / ".git/hooks"))
    ordinary(place, "config", "commit.gpgSign", "true")
    ordinary(place, "config", "remote.origin.url", f"ext::sh -c {program}")
    ordinary(place, "config", f"url.ext::sh -c {program} .insteadOf", "http")
    ordinary(place, "config", "include.path", str(place / "extra.config"))
    ordinary(place, "config", "extensions.worktreeConfig", "true")
    (place / ".git/config.worktree").write_text(f"[core]\n\tfsmonitor = {program}\n")
    (place / ".git/info").mkdir(exist_ok=True)
    (place / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil\n")
    (place / ".git/hooks").mkdir(exist_ok=True)
    for event in (
        "pre-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-push",
        "commit-msg",
    ):
        (place / ".git/hooks" / event).write_text(Path(program).read_text())
        (place / ".git/hooks" / event).chmod(0o755)


def own_repository(tree: Path, program: str) -> None:
    repository(tree, program)


def attributes(tree: Path, program: str) -> None:
    repository(tree, program)
    (tree / ".gitattributes").write_text("* filter=evil diff=evil merge=evil -text\n*.md filter=lfs2\n")


def nested_repository(tree: Path, program: str) -> None:
    repository(tree / "vendor/lib", program)


def nested_git_file(tree: Path, program: str) -> None:
    repository(tree.parent / "elsewhere", program)
    (tree / "sub").mkdir()
    (tree / "sub/.git").write_text(f"gitdir: {tree.parent}/elsewhere/.git\n")


def git_file_at_the_root(tree: Path, program: str) -> None:
    repository(tree.parent / "elsewhere", program)
    (tree / ".git").write_text(f"gitdir: {tree.parent}/elsewhere/.git\n")


def git_link_at_the_root(tree: Path, program: str) -> None:
    repository(tree.parent / "elsewhere", program)
    (tree / ".git").symlink_to(tree.parent / "elsewhere/.git")


def bare_repository(tree: Path, program: str) -> None:
    repository(tree.parent / "elsewhere", program)
    bare = tree / "bare"
    bare.mkdir()
    for name in ("config", "HEAD", "hooks", "objects", "refs", "info"):
        subprocess.run(["cp", "-r", str(tree.parent / "elsewhere/.git" / name), str(bare / name)], check=True)


def bare_repository_at_the_root(tree: Path, program: str) -> None:
    repository(tree.parent / "elsewhere", program)
    for name in ("config", "HEAD", "hooks", "objects", "refs", "info"):
        subprocess.run(["cp", "-r", str(tree.parent / "elsewhere/.git" / name), str(tree / name)], check=True)


def ignore_file_as_a_link(tree: Path, program: str) -> None:
    (tree.parent / "rules").write_text("*\n")
    (tree / ".gitignore").unlink()
    (tree / ".gitignore").symlink_to(tree.parent / "rules")


def submodule_settings(tree: Path, program: str) -> None:
    (tree / ".gitmodules").write_text(
        f'[submodule "sub"]\n\tpath = sub\n\turl = ext::{program}\n\tupdate = !{program}\n'
    )


def mail_map_and_friends(tree: Path, program: str) -> None:
    (tree / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n")
    (tree / ".mailmap").write_text("x\n")
    (tree / ".lfsconfig").write_text(f"[lfs]\n\turl = ext::{program}\n")


FIXTURES = (
    own_repository, attributes, nested_repository, nested_git_file, git_file_at_the_root, git_link_at_the_root,
    bare_repository, bare_repository_at_the_root, ignore_file_as_a_link, submodule_settings, mail_map_and_friends,
)  # fmt: skip
REFUSED = {nested_repository, nested_git_file, ignore_file_as_a_link, submodule_settings}


def moved_in(ground: Ground, tree: Path, base: str) -> Workspace:
    """The same files written by an agent in its sandbox, over a shared checkout."""
    workspace = ground.workspace(base)
    packed = subprocess.run(["tar", "-C", str(tree), "-cf", "-", "."], capture_output=True, check=True).stdout
    with ground.session(workspace) as session:
        ran = session.run("find . -mindepth 1 -delete; tar --no-same-owner -xf -", stdin=packed)
        assert ran.exit_code == 0, ran.output
    return workspace


@pytest.mark.parametrize("over", [False, True], ids=["plain", "over"])
@pytest.mark.parametrize("lay_out", FIXTURES, ids=lambda one: one.__name__)
def test_nothing_the_agent_lays_out_runs_on_the_host(
    mirror: BareMirror,
    origin: Origin,
    tree: Path,
    program: str,
    marker: Path,
    lay_out: Callable[[Path, str], None],
    over: bool,
    tmp_path: Path,
) -> None:
    lay_out(tree, program)
    (tree / "src/app.py").write_text("changed()\n")
    base = tip(mirror)
    place = moved_in(Ground(mirror, tmp_path), tree, base) if over else tree
    marker.unlink(missing_ok=True)
    if lay_out in REFUSED:
        with pytest.raises(ExportRefused) as refusal:
            mirror.export(place, base)
        assert all(refusal.value.paths.values())
    else:
        made = mirror.export(place, base)
        assert "src/app.py" in {one.path for one in mirror.changed(base, made)}
        assert "+changed()" in mirror.diff(base, made)
        commit = mirror.commit(made, (base,), "Change\n\nx: y", ("ana", "ana@example.com"), 1)
        mirror.push(commit, "shipmate/1", None)
        assert origin.tip("shipmate/1") == commit
        mirror.replay(Step(commit, base), commit)
        mirror.landed(commit, commit, base)
        mirror.checkout(made, tree.parent / "again")
        mirror.fetch()
    assert not marker.exists()


def test_the_fixtures_do_run_where_git_is_used_carelessly(tree: Path, program: str, marker: Path) -> None:
    own_repository(tree, program)
    marker.unlink(missing_ok=True)
    ordinary(tree, "status")
    assert marker.exists()


def test_the_users_and_the_systems_configuration_are_not_read(
    mirror: BareMirror, tree: Path, program: str, marker: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "evil-home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f"[core]\n\tfsmonitor = {program}\n\thooksPath = {home}\n[diff]\n\texternal = {program}\n"
    )
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", program)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={program}'")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_SSH_COMMAND", program)
    (tree / "README.md").write_text("changed\n")
    base = tip(mirror)
    made = mirror.export(tree, base)
    assert "+changed" in mirror.diff(base, made)
    mirror.fetch()
    assert not marker.exists()


def test_hostile_history_of_the_remote_runs_nothing(
    origin: Origin, workspaces: LocalWorkspaces, program: str, marker: Path, tmp_path: Path
) -> None:
    origin.commit({
        ".gitattributes": "* filter=evil diff=evil ident eol=crlf\n",
        "bare/HEAD": "ref: refs/heads/main\n",
        "bare/config": f"[core]\n\tfsmonitor = {program}\n\tbare = true\n",
        "sub": ("160000", "1" * 40),
        "link": ("120000", "/etc"),
    })  # fmt: skip
    (origin.bare / "hooks").mkdir(exist_ok=True)
    mirror = workspaces.mirror(Remote("acme/app", origin.url, lambda: None))
    base = tip(mirror)
    place = tmp_path / "w"
    mirror.checkout(base, place)
    (place / "README.md").write_text("changed\n")
    made = mirror.export(place, base)
    assert [one.path for one in mirror.changed(base, made)] == ["README.md"]
    assert not marker.exists()


def test_a_remote_with_dangerous_submodule_settings_is_refused(forge: Forge, workspaces: LocalWorkspaces) -> None:
    origin = forge.origin("acme/evil")
    origin.commit({".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n', "a": "b"})
    with pytest.raises(RemoteRefused, match="unsafe") as refusal:
        workspaces.mirror(Remote("acme/evil", origin.url, lambda: None))
    assert not refusal.value.again


def test_two_changes_do_not_share_objects_with_their_folders(mirror: BareMirror, tree: Path) -> None:
    """A checkout holds copies: writing into it cannot reach the mirror."""
    inodes = {place.stat().st_ino for place in mirror.gitdir.rglob("*") if place.is_file()}
    assert not inodes & {place.stat().st_ino for place in tree.rglob("*")}
