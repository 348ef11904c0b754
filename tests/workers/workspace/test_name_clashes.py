"""Names that some systems cannot tell apart are not added, in a workspace laid over a checkout and in a copied one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin
from tests.workers.workspace.overlaid import Ground
from workers.workspace import ExportRefused
from workers.workspace.mirror import BareMirror

pytestmark = pytest.mark.attack("odd trees and repositories")

Attempt = Callable[[str], dict[str, str]]
COMPOSED, DECOMPOSED = "caf\u00e9.txt", "cafe\u0301.txt"


@pytest.fixture(params=[True, False], ids=["laid over", "copied"])
def attempt(request: pytest.FixtureRequest, mirror: BareMirror, origin: Origin, tmp_path: Path) -> Attempt:
    """What differs from the base after a command in a workspace, or the refusals."""
    base = origin.commit({"lib/Tcp.h": "a\n", "lib/tcp.h": "b\n", COMPOSED: "c\n", "lib/deep/one.txt": "1\n"})
    mirror.fetch()
    ground = Ground(mirror, tmp_path)
    workspace = ground.workspace(base, layers=request.param)

    def attempted(command: str) -> dict[str, str]:
        mirror.restore(workspace, base)
        with ground.session(workspace) as session:
            ran = session.run(command)
            assert ran.exit_code == 0, ran.output
            try:
                tree = mirror.export(workspace, base)
            except ExportRefused as refused:
                return refused.paths
        return {one.path: one.status for one in mirror.changed(base, tree)}

    return attempted


REFUSED = (
    ("echo x >readme.MD", "readme.MD", "README.md"),
    ("echo x >new.txt; echo y >NEW.txt", "new.txt", "NEW.txt"),
    ("mkdir Lib; echo x >Lib/new.txt", "Lib/new.txt", "lib"),
    ("mkdir lib/DEEP; echo x >lib/DEEP/x", "lib/DEEP/x", "lib/deep"),
    (f"echo x >{DECOMPOSED}", DECOMPOSED, COMPOSED),
    ("echo x >README.MD/x 2>/dev/null || { mkdir README.MD; echo x >README.MD/x; }", "README.MD/x", "README.md"),
    ("mv lib/deep lib/Deep; mkdir lib/deep; echo x >lib/deep/new", "lib/Deep/one.txt", "lib/deep"),
)


def test_a_new_name_that_is_taken_for_another_is_refused_with_that(attempt: Attempt) -> None:
    for command, path, other in REFUSED:
        assert f"take for the same as {other}:" in attempt(command)[path], command


TAKEN = (
    ("mv README.md Readme.md", {"README.md": "D", "Readme.md": "A"}),
    ("mv lib/deep lib/Deep", {"lib/deep/one.txt": "D", "lib/Deep/one.txt": "A"}),
    (f"mv {COMPOSED} {DECOMPOSED}", {COMPOSED: "D", DECOMPOSED: "A"}),
    ("echo x >>lib/tcp.h; echo y >lib/udp.h", {"lib/tcp.h": "M", "lib/udp.h": "A"}),
    ("echo x >deep; mkdir src/LIB; echo x >src/LIB/Tcp.h", {"deep": "A", "src/LIB/Tcp.h": "A"}),
)


def test_renaming_to_the_like_and_pairs_that_were_there_are_nobodys_fault(attempt: Attempt) -> None:
    for command, found in TAKEN:
        assert attempt(command) == found, command
