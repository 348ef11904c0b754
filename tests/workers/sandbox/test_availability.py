"""A sandbox that cannot start says why and how to fix it; one that protects nothing is named for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.sandbox import SandboxUnavailable
from workers.sandbox import bubblewrap as bubblewraps
from workers.sandbox.bubblewrap import Bubblewrap, explain
from workers.sandbox.process import ProcessSandbox


def test_a_missing_bubblewrap_is_told_with_the_remedy(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewraps, "program", lambda: None)
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        Bubblewrap(tmp_path).open(workspace)


def test_an_old_bubblewrap_is_told_with_the_remedy(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\necho bubblewrap 0.6.1\n")
    old.chmod(0o755)
    monkeypatch.setattr(bubblewraps, "program", lambda: str(old))
    with pytest.raises(SandboxUnavailable, match=r"0\.6 is too old"):
        Bubblewrap(tmp_path).open(workspace)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("bwrap: No permissions to create a new namespace", "apparmor_restrict_unprivileged_userns"),
        ("bwrap: setting up uid map: Permission denied", "user namespace"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths=unconfined"),
        ("", "said nothing"),
    ],
)
def test_what_bubblewrap_complains_of_is_explained(said: str, remedy: str) -> None:
    assert remedy in explain(said)


def test_the_process_sandbox_promises_nothing_and_is_named_for_it(tmp_path: Path) -> None:
    box = ProcessSandbox(tmp_path)
    assert box.name == "process"
    assert box.probe() == ()
