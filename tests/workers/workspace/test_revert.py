"""Taking back a merge where the mirror has no contents of files yet: what the merge will read is fetched first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, git, taken_back
from workers.sandbox import overlay
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

LINES = [f"line {number}\n" for number in range(40)]


def text(**other: str) -> str:
    """The long file, with some lines (`l3="x"`) that read otherwise."""
    return "".join(other.get(f"l{number}", line) for number, line in enumerate(LINES))


def partial(origin: Origin, tmp_path: Path) -> BareMirror:
    """A mirror without the contents of any file, made now."""
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(origin.bare, "config", key, "true")
    made = LocalWorkspaces(tmp_path / "home", layers=overlay.works).mirror(
        Remote("acme/app", origin.url, lambda: None), partial=True
    )
    kinds = git(made.gitdir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert "blob" not in kinds
    return made


def test_work_on_other_lines_of_the_same_file_is_kept(origin: Origin, tmp_path: Path) -> None:
    origin.commit({"long.txt": text()})
    merged = origin.commit({"long.txt": text(l3="merged\n")})
    tip = origin.commit({"long.txt": text(l3="merged\n", l30="later\n")})
    mirror = partial(origin, tmp_path)
    made = taken_back(mirror, merged, tip)
    assert made is not None
    assert mirror.read(made, "long.txt") == text(l30="later\n").encode()


def test_a_conflict_is_still_seen(origin: Origin, tmp_path: Path) -> None:
    origin.commit({"long.txt": text()})
    merged = origin.commit({"long.txt": text(l3="merged\n")})
    tip = origin.commit({"long.txt": text(l3="built upon it\n")})
    assert taken_back(partial(origin, tmp_path), merged, tip) is None


@pytest.mark.parametrize("most", [2_000, 0], ids=["among few files", "among too many"])
def test_a_file_that_was_renamed_since_is_found_where_that_costs_little(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("workers.workspace.revert.MOST_RENAMES", most)
    origin.commit({"long.txt": text()})
    merged = origin.commit({"long.txt": text(l3="merged\n")})
    tip = origin.commit({"long.txt": None, "docs/long.txt": text(l3="merged\n", l30="later\n")})
    mirror = partial(origin, tmp_path)
    made = taken_back(mirror, merged, tip)
    if most:
        assert made is not None
        assert mirror.read(made, "docs/long.txt") == text(l30="later\n").encode()
    else:
        assert made is None


def test_a_rename_is_taken_back_from_under_later_work(origin: Origin, tmp_path: Path) -> None:
    origin.commit({"long.txt": text()})
    merged = origin.commit({"long.txt": None, "moved.txt": text()})
    tip = origin.commit({"moved.txt": text(l30="later\n"), "src/app.py": "print('later')\n"})
    mirror = partial(origin, tmp_path)
    made = taken_back(mirror, merged, tip)
    assert made is not None
    assert mirror.read(made, "long.txt") == text(l30="later\n").encode()
    assert mirror.read(made, "moved.txt") is None


def test_what_others_did_elsewhere_is_not_fetched(origin: Origin, tmp_path: Path) -> None:
    origin.commit({f"other/{number}.txt": f"{number}\n" for number in range(30)})
    merged = origin.commit({"new.txt": "x\n"})
    tip = origin.commit({f"other/{number}.txt": f"later {number}\n" for number in range(30)})
    mirror = partial(origin, tmp_path)
    made = taken_back(mirror, merged, tip)
    assert made is not None
    assert [(one.path, one.status) for one in mirror.changed(mirror.tree(tip), made)] == [("new.txt", "D")]
    kinds = git(mirror.gitdir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert kinds.count("blob") == 1
