"""Any harmless tree comes back from an export as it was written, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workers.workspace.conftest import tip
from workers.workspace import names
from workers.workspace.mirror import BareMirror

COMPONENT = st.text(st.characters(codec="utf-8", exclude_characters="/\0\\"), min_size=1, max_size=12).filter(
    lambda name: name not in {".", "..", ".gitignore", ".gitattributes", ".gitmodules"} and names.fault(name) is None
)
TREE = st.dictionaries(
    st.lists(COMPONENT, min_size=1, max_size=3).map("/".join),
    st.tuples(st.binary(max_size=60), st.booleans()),
    max_size=6,
)


def written(place: Path, tree: dict[str, tuple[bytes, bool]]) -> dict[str, tuple[bytes, bool]]:
    """Write what fits (a name cannot be a file and a folder at once); what was written."""
    done = {}
    for name, (content, executable) in tree.items():
        file = place / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        except OSError:
            continue
        file.chmod(0o755 if executable else 0o644)
        done[name] = (content, executable)
    return done


def found(place: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        str(file.relative_to(place)): (file.read_bytes(), os.access(file, os.X_OK))
        for file in place.rglob("*")
        if file.is_file()
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREE)
def test_what_is_written_comes_back(mirror: BareMirror, tmp_path: Path, tree: dict[str, tuple[bytes, bool]]) -> None:
    place, back = tmp_path / "in", tmp_path / "out"
    for folder in (place, back):
        shutil.rmtree(folder, ignore_errors=True)
    place.mkdir()
    done = written(place, tree)
    made = mirror.export(place, tip(mirror))
    mirror.checkout(made, back)
    assert found(back) == done == found(place)
    assert mirror.export(back, made) == made
