"""Run by a user without rights: a workspace over a shared checkout, from the mirror to the next claim. Prints JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from workers.sandbox import overlay
from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import ExportRefused, Remote
from workers.workspace.bases import Bases
from workers.workspace.mirror import BareMirror
from workers.workspace.removal import remove

COMMIT = (
    b"commit refs/heads/main\ncommitter ana <ana@example.com> 1 +0000\ndata 4\nwork\n"
    b"M 100644 inline a/b\ndata 2\nb\n\nM 100644 inline c\ndata 2\nc\n\n"
)


MODULE = (
    b"commit refs/heads/main\ncommitter ana <ana@example.com> 2 +0000\ndata 4\nwork\nfrom %s\n"
    b'M 160000 %s m\nM 100644 inline .gitmodules\ndata 35\n[submodule "m"]\npath=m\nurl=../app\n\n'
)


def submodule(mirror: BareMirror, box: Bubblewrap, place: Path, tip: str) -> dict[str, object]:
    """What may be done to a submodule that was brought, and whether its checkout can be removed again."""
    stream = MODULE % (tip.encode(), tip.encode())
    subprocess.run(["git", "-C", str(mirror.gitdir), "fast-import", "--quiet"], input=stream, check=True)
    head = (mirror.gitdir / "refs/heads/main").read_text().strip()
    place.mkdir()
    workspace = mirror.workspace(place, head, submodules=True)
    session = box.open(workspace)
    told = session.run("cat m/c; echo x 2>/dev/null >m/c || echo no; echo x 2>/dev/null >m/new || echo no").output
    session.close()
    told += "unchanged" if mirror.export(workspace, head) == mirror.tree(head) else "changed"
    workspace.hold.release()  # type: ignore[attr-defined]  # what holds a shared checkout
    remove(place)
    removed = Bases(place.parent / "bases/x", most=0)
    removed._make_room("")
    return {"module": told.split(), "bases": [one.name for one in (place.parent / "bases/x").iterdir()]}


def main(place: Path) -> None:
    """Work in `place`."""
    bare = place / "app.git"
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True, env=env)
    subprocess.run(["git", "-C", str(bare), "fast-import", "--quiet"], input=COMMIT, check=True, env=env)
    tip = (bare / "refs/heads/main").read_text().strip()
    remote = Remote("acme/app", "https://example.com/acme/app", lambda: None, lambda _: remote)
    mirror = BareMirror(bare, remote, Bases(place / "bases/x"), others=lambda _: mirror, layers=overlay.works)
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
    del workspace, again
    said |= submodule(mirror, box, place / "third", tip)
    said["left"] = sorted(one.name for one in place.iterdir())
    print(json.dumps(said))


main(Path(sys.argv[1]))
