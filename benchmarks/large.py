"""A large repository, a part of it and the whole: from nothing to a change that is kept, beside `git clone`.

Law: what is measured goes over HTTP from git's own server, and git clones from the same server in the same run.

Run: python -m benchmarks.large --help
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.large_repository import EACH, SPARSE, generated, git, served
from workers.checks.plan.policy_file import wants_partial
from workers.sandbox import overlay
from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import Remote, Workspace
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror
from workers.workspace.removal import remove

T = TypeVar("T")
_ROUNDS = 9
_EDIT = f"echo x >src/7/{7 * EACH}.txt; echo y >src/9/{9 * EACH + 1}.txt; echo z >src/new.txt"


def told(what: str, value: str) -> None:
    """Print one line of the table."""
    print(f"| {what} | {value} |", flush=True)


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call gives, and the seconds it took."""
    began = time.perf_counter()
    return call(), time.perf_counter() - began


def took(what: str, call: Callable[[], T]) -> T:
    """Do it, and say how long it took."""
    found, seconds = timed(call)
    told(what, spelled(seconds))
    return found


def spelled(seconds: float) -> str:
    """Return a time to be read by people."""
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.5 else f"{seconds:,.1f} s"


def size(*folders: Path) -> str:
    """Return what folders take on the disk."""
    said = subprocess.run(["du", "-sc", "-B1", *map(str, folders)], capture_output=True, check=True).stdout
    return f"{int(said.splitlines()[-1].split()[0]) / 1e6:,.1f} MB"


def ready(homes: LocalWorkspaces, mirror: BareMirror, box: Bubblewrap, base: str, sparse: Sequence[str]) -> float:
    """Return seconds from a claim to the end of the first command in its sandbox."""
    folder = homes.folder("ready", 1)

    def first() -> None:
        session = box.open(mirror.workspace(folder, base, sparse=sparse, history=True))
        try:
            if session.run('[ -n "$(ls -A)" ]').exit_code != 0:
                raise RuntimeError("the first command failed")
        finally:
            session.close()

    return timed(first)[1]


def change(homes: LocalWorkspaces, mirror: BareMirror, box: Bubblewrap, base: str, sparse: Sequence[str]) -> None:
    """Print what one turn of an agent costs, and what it leaves on the disk."""
    workspace: Workspace = mirror.workspace(homes.folder("change", 1), base, sparse=sparse, history=True)
    session = box.open(workspace)
    try:
        session.run("true")
        session.shell("true")
        tree, seconds = mirror.export(workspace, base), []
        for number in range(5):
            session.run(f"{_EDIT}; echo {number} >>src/new.txt")
            tree, one = timed(lambda: mirror.export(workspace, base))
            seconds.append(one)
        told("export of three changed files", spelled(median(seconds)))
        took("its checkpoint for other hosts", lambda: mirror.bundle(base, tree))
        took("`git log -5` in the sandbox", lambda: session.shell("git log -5 --oneline"))
        took("`git log -3 -- src/7` in the sandbox", lambda: session.shell("git log -3 --oneline -- src/7"))
        took("difference of the change", lambda: mirror.diff(base, tree))
        told("on the disk for this change", size(workspace.place))
    finally:
        session.close()
    took("the tree put back in another workspace",
         lambda: mirror.workspace(homes.folder("other", 1), base, tree=tree, sparse=sparse))  # fmt: skip


def measure(home: Path, remote: Remote, sparse: Sequence[str]) -> float:
    """Print one line for each step of a part (or of the whole); the seconds until a warm workspace is ready."""
    homes = LocalWorkspaces(home, partial=wants_partial if sparse else None, layers=overlay.works)
    mirror = took("first mirror" + (", of commits and folders" if sparse else ""), lambda: homes.mirror(remote))
    base = mirror.sha("main") or ""
    box = Bubblewrap(home / "box")
    box.probe()
    took("nothing new fetched", mirror.fetch)
    took("first checkout and workspace", lambda: mirror.workspace(homes.folder("first", 1), base, sparse=sparse))
    ready(homes, mirror, box, base, sparse)
    warm = median(ready(homes, mirror, box, base, sparse) for _ in range(_ROUNDS))
    told(f"**claim to first command, warm** (median of {_ROUNDS})", f"**{spelled(warm)}**")
    took("its paths listed", lambda: mirror.files(base, sparse))
    took("... and once more, as stages do", lambda: mirror.files(base, sparse))
    change(homes, mirror, box, base, sparse)
    told("mirror on the disk", size(mirror.gitdir))
    told("shared checkout on the disk", size(home / "bases"))
    told("most memory of this process so far", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB")
    return warm


def run(place: Path, bare: Path, ways: Sequence[str]) -> None:
    """Measure in `place` what is at `bare`."""
    with served(bare.parent) as url:
        remote = Remote("acme/large", f"{url}/{bare.name}", lambda: None)
        warm: dict[str, float] = {}
        for way in ("sparse", "whole"):
            if way in ways:
                print(f"\n| {'Two folders of it' if way == 'sparse' else 'All of it'} | took |\n| --- | ---: |")
                warm[way] = measure(place / way, remote, SPARSE if way == "sparse" else ())
                if way == "whole":
                    remove(place / way)
        if "clone" in ways:
            print("\n| git, from the same server | took |\n| --- | ---: |")
            clone = place / "clone"
            _, seconds = timed(lambda: git("clone", "-q", remote.url, str(clone)))
            told("`git clone`", spelled(seconds))
            told("that clone on the disk", size(clone))
            remove(clone)
            _, shallow = timed(lambda: git("clone", "-q", "--depth", "1", remote.url, str(clone)))
            told("`git clone --depth 1`", spelled(shallow))
            for way, one in warm.items():
                told(f"`git clone` is so much slower than a warm workspace ({way})", f"{seconds / one:,.0f}x")
                told(f"... and `--depth 1` ({way})", f"{shallow / one:,.0f}x")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the repository, measure, and leave nothing behind."""
    wanted = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    wanted.add_argument("files", nargs="?", type=int, default=100_000, help="files of the repository (100000)")
    wanted.add_argument("--history", type=float, default=0.0, help="GB that only its past has (0)")
    wanted.add_argument("--ways", default="sparse,whole,clone", help="what to measure (sparse,whole,clone)")
    wanted.add_argument("--repository", type=Path, help="a bare repository that this made; made there if absent")
    given = wanted.parse_args(argv)
    place = Path(tempfile.mkdtemp(prefix="shipmate-large-"))
    needed = given.files * 12_000 + given.history * 3.3e9
    if shutil.disk_usage(place).free < needed:
        print(f"This needs {needed / 1e9:,.0f} GB free in {place.parent}; set TMPDIR to another disk.", file=sys.stderr)
        return 2
    try:
        bare: Path = given.repository.resolve() if given.repository else place / "large.git"
        if not bare.exists():
            bare.parent.mkdir(parents=True, exist_ok=True)
            _, seconds = timed(lambda: generated(bare, given.files, int(given.history * (1 << 30))))
            print(f"{given.files:,} files, {given.history:g} GB of past, generated in {spelled(seconds)}: {size(bare)}")
        run(place, bare, given.ways.split(","))
    finally:
        remove(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
