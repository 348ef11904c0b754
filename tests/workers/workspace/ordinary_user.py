"""Run by a user without rights: a workspace over a shared checkout, from the mirror to the next claim. Prints JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import ExportRefused, Remote
from workers.workspace.bases import Bases
from workers.workspace.mirror import BareMirror
from workers.workspace.removal import remove

COMMIT = (
    b"commit refs/heads/main\ncommitter ana <ana@example.com> 1 +0000\ndata 4\nwork\n"
    b"M 100644 inline a/b\ndata 2\nb\n\nM 100644 inline c\ndata 2\nc\n\n"
)


def main(place: Path) -> None:
    """Work in `place`."""
    bare = place / "app.git"
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True, env=env)
    subprocess.run(["git", "-C", str(bare), "fast-import", "--quiet"], input=COMMIT, check=True, env=env)
    tip = (bare / "refs/heads/main").read_text().strip()
    mirror = BareMirror(
        bare, Remote("acme/app", "https://example.com/acme/app", lambda: None), Bases(place / "bases/x")
    )
    box = Bubblewrap(place / "home")
    said: dict[str, object] = {"uid": os.getuid(), "leaks": box.probe()}
    first, second = place / "first", place / "second"
    first.mkdir()
    second.mkdir()
    workspace = mirror.workspace(first, tip)
    said["over"] = workspace.lower is not None
    session = box.open(workspace)
    session.run("rm -r a; mkdir a; echo n >a/n; rm c; mkdir c; echo d >c/d")
    tree = mirror.export(workspace, tip)
    session.close()
    said["changed"] = [(one.path, one.status) for one in mirror.changed(tip, tree)]
    again = mirror.workspace(second, tip, tree=tree)
    session = box.open(again)
    said["shown"] = sorted(session.run("find . -type f").output.split())
    said["same"] = mirror.export(again, tip) == tree
    session.run("chmod 000 a .")
    try:
        mirror.export(again, tip)
    except ExportRefused as refused:
        said["refused"] = refused.paths
    session.close()
    remove(first)
    remove(second)
    said["left"] = sorted(one.name for one in place.iterdir())
    print(json.dumps(said))


main(Path(sys.argv[1]))
