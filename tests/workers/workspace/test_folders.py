"""Folders of claims: private, empty at first, and removable whatever an agent left in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.workspace.folders import LocalWorkspaces


def test_folders_are_private_and_removed_whatever_they_hold(workspaces: LocalWorkspaces, tmp_path: Path) -> None:
    place = workspaces.folder("chg-1", 3)
    assert place == tmp_path / "home/checkouts/chg-1/3"
    deep = place
    for _ in range(40):
        deep = deep / ("d" * 40)
        deep.mkdir()
    (place / "locked").mkdir()
    (place / "locked/x").write_text("x")
    (place / "locked").chmod(0)
    (place / "out").symlink_to(tmp_path)
    assert list(workspaces.folder("chg-1", 3).iterdir()) == []
    workspaces.folder("chg-1", 4)
    workspaces.tidy("chg-1")
    workspaces.tidy("chg-1")
    assert not (tmp_path / "home/checkouts/chg-1").exists()
    assert tmp_path.exists()


@pytest.mark.parametrize("change", ["", "..", "a/b", "../x", "-x", "a" * 200])
def test_only_plain_change_ids_name_folders(workspaces: LocalWorkspaces, change: str) -> None:
    with pytest.raises(ValueError, match="change id"):
        workspaces.folder(change, 1)
