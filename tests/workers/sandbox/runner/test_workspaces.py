"""Workspaces over shared checkouts, histories and installations, through a runner."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import pytest

from tests.workers.environment.conftest import Index, index
from tests.workers.sandbox.runner.running import Runner
from workers.egress import Sources
from workers.environment.install import Installer
from workers.environment.recipe import recipe
from workers.sandbox import SandboxUnavailable
from workers.workspace import Remote
from workers.workspace.bases import Bases
from workers.workspace.mirror import BareMirror

__all__ = ["index"]


@pytest.fixture
def mirror(runner: Runner, tmp_path: Path) -> BareMirror:
    """A mirror in the shared folder with one commit on main."""
    gitdir = runner.root / "mirrors" / f"{tmp_path.name}.git"
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_DIR": str(gitdir)}
    for one in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{one}_NAME": "ana", f"GIT_{one}_EMAIL": "ana@example.com"}

    def git(*args: str, stdin: str = "") -> str:
        return subprocess.run(
            ["git", *args], env=env, input=stdin, text=True, capture_output=True, check=True
        ).stdout.strip()

    git("init", "-q", "--bare", str(gitdir))
    blob = git("hash-object", "-w", "--stdin", stdin="one\n")
    tree = git("mktree", stdin=f"100644 blob {blob}\tfirst\n100644 blob {blob}\tsecond\n")
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "Two files."))
    git("repack", "-adq")
    remote = Remote("acme/quay", "https://example.com/acme/quay.git", lambda: None)
    return BareMirror(gitdir, remote, Bases(runner.root / "bases" / tmp_path.name), layers=runner.box().layers)


def test_a_workspace_over_a_shared_checkout_is_opened_and_exported(
    runner: Runner, mirror: BareMirror, tmp_path: Path
) -> None:
    base = mirror.tree(_tip(mirror))
    workspace = mirror.workspace(runner.place(tmp_path.name), _tip(mirror), history=True)
    if runner.box().layers(runner.root):
        assert workspace.lower is not None
    session = runner.box().open(workspace)
    assert session.run("cat first && rm second && echo two >third").output == "one\n"
    told = session.shell("git log --format=%s; git status --short")
    session.close()
    assert told.output.splitlines()[0] == "Two files."
    assert {(one.path, one.status) for one in mirror.changed(base, mirror.export(workspace, base))} == {
        ("second", "D"),
        ("third", "A"),
    }


def test_a_shared_checkout_cannot_be_written_through_the_runner(
    runner: Runner, mirror: BareMirror, tmp_path: Path
) -> None:
    workspace = mirror.workspace(runner.place(tmp_path.name), _tip(mirror), history=True)
    session = runner.box().open(workspace)
    session.run("chmod -R u+w . ; echo spoiled >first; ls -R /run; echo x >/run/history.git/objects/pack/x")
    session.close()
    other = mirror.workspace(runner.place(f"{tmp_path.name}-next"), _tip(mirror))
    session = runner.box().open(other)
    assert session.run("cat first").output == "one\n"
    session.close()
    assert not list((mirror.gitdir / "objects" / "pack").glob("x"))


def test_a_workspace_whose_link_leads_elsewhere_is_refused(runner: Runner, mirror: BareMirror, tmp_path: Path) -> None:
    workspace = mirror.workspace(runner.place(tmp_path.name), _tip(mirror))
    if workspace.lower is None:
        pytest.skip("no overlays here")
    (workspace.place / "lower").unlink()
    (workspace.place / "lower").symlink_to("/etc")
    with pytest.raises(SandboxUnavailable, match="not laid over"):
        runner.box().open(workspace)


def _tip(mirror: BareMirror) -> str:
    return (mirror.gitdir / "refs/heads/main").read_text().strip()


FILES = {"requirements.txt": "harbour==1.2\n", "test_a.py": "import harbour\n"}


def checkout(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text)


def test_packages_are_installed_in_the_runner_through_the_workers_proxy(
    runner: Runner, index: Index, tmp_path: Path
) -> None:
    installer = Installer(
        runner.root / "deps",
        runner.box(),
        lambda: Sources(local_hosts=(index.host,), index=index.url),
        lambda: {"python": platform.python_version()},
        sockets=runner.root / "sockets",
    )
    needed = recipe(lambda path: FILES[path].encode() if path in FILES else None, list(FILES))
    with installer.installed(needed, f"acme/{tmp_path.name}", checkout) as found:
        assert found.reasons == ()
        assert found.fresh
        session = runner.box().open(runner.place(tmp_path.name), found.folder)
        ran = session.run("python -c 'import harbour; print(harbour.DEPTH)'; touch /deps/x; ls /run")
        session.close()
    assert ran.output.startswith("12\n")
    assert "Read-only" in ran.output
    assert "egress" not in ran.output
    assert any("harbour-1.2" in path for path in index.asked)
    assert not list((runner.root / "sockets").glob("egress-*"))


def test_what_the_proxy_refuses_in_the_runner_is_named(runner: Runner, index: Index, tmp_path: Path) -> None:
    installer = Installer(
        runner.root / "deps",
        runner.box(),
        lambda: Sources(local_hosts=("127.0.0.1:1",), index=index.url),
        lambda: {"python": platform.python_version()},
        sockets=runner.root / "sockets",
    )
    needed = recipe(lambda path: FILES[path].encode() if path in FILES else None, list(FILES))
    with installer.installed(needed, f"acme/{tmp_path.name}", checkout) as found:
        assert found.folder is None
        assert index.host in {one.host for one in found.refused}
    assert index.asked == []
