"""Some paths of one tree put into another, without a file being written."""

from __future__ import annotations

from tests.workers.workspace.conftest import Origin
from workers.workspace import Mirror


def test_chosen_changes_alone_are_made_to_the_base(origin: Origin, mirror: Mirror) -> None:
    base = origin.commit(
        {"src.py": "old", "tests/test_a.py": "old", "tests/gone.py": "x", "keep": "k"}, branch="before"
    )
    head = origin.commit(
        {
            "src.py": "new",
            "tests/test_a.py": ("100755", "new"),
            "tests/new.py": "n",
            "tests/link": ("120000", "new.py"),
            "keep": "k",
        },
        branch="other",
    )
    mirror.fetch()
    chosen = [one for one in mirror.changed(base, head) if one.path.startswith("tests/")]
    made = mirror.graft(base, chosen)
    assert [one.path for one in mirror.changed(made, head)] == ["src.py"]
    assert mirror.read(made, "src.py") == b"old"
    assert mirror.files(made) == ("keep", "src.py", "tests/link", "tests/new.py", "tests/test_a.py")


def test_a_file_may_make_room_for_a_folder(origin: Origin, mirror: Mirror) -> None:
    base = origin.commit({"tests/data": "x", "src.py": "old"}, branch="before")
    head = origin.commit({"tests/data/one": "1", "src.py": "new"}, branch="other")
    mirror.fetch()
    made = mirror.graft(base, [one for one in mirror.changed(base, head) if one.path != "src.py"])
    assert mirror.files(made) == ("src.py", "tests/data/one")


def test_without_changes_it_is_the_base_itself(origin: Origin, mirror: Mirror) -> None:
    base = origin.commit({"a": "x"})
    mirror.fetch()
    assert mirror.graft(base, ()) == mirror.tree(base)
