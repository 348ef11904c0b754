"""A sandbox that installs writes on this host, beside its own workspace: within a room, and never past a link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.sandbox import Limits, SandboxUnavailable
from workers.sandbox import bubblewrap as bubblewraps
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.session import BashSession
from workers.workspace import WorkspaceLimit


@pytest.fixture
def installing(bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BashSession]:
    """A session that installs, with room for 500 files."""
    monkeypatch.setattr(bubblewraps, "SETUP_LIMIT", WorkspaceLimit(bytes=1 << 30, files=500))
    (tmp_path / "tree" / ".work").mkdir(parents=True)
    (tmp_path / "proxy").touch()
    made = bubblewrap.open_setup(tmp_path / "tree" / ".work", tmp_path / "tree", tmp_path / "proxy")
    yield made
    made.close()


def test_an_installation_that_makes_files_without_end_is_ended(installing: BashSession, tmp_path: Path) -> None:
    endless = "mkdir /deps/many; cd /deps/many; i=0; while :; do i=$((i+1)); : > $i; done"
    ran = installing.run(endless, limits=Limits(wall_seconds=60))
    assert ran.flooded
    assert "files that one workspace may hold" in ran.output
    assert not ran.timed_out


def test_a_link_in_the_place_of_the_workspace_shows_nothing_of_the_host(
    installing: BashSession, tmp_path: Path
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "secret").write_text("canary-8814")
    assert installing.run(f"cd /; rm -rf /deps/.work && ln -s {hidden} /deps/.work").exit_code == 0
    assert (tmp_path / "tree" / ".work").is_symlink()
    with pytest.raises(SandboxUnavailable, match="link"):
        installing.run("cat /workspace/secret; touch /workspace/there")
    assert [one.name for one in hidden.iterdir()] == ["secret"]
