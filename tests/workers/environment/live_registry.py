"""A real project from the public index, by hand: `SETUP_LOCAL=host,host pytest -s <this file>`.

It needs the network, and is therefore not part of the suite. `SETUP_LOCAL` names hosts at private addresses, where
this network has a mirror under the public names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from workers.egress import Sources
from workers.environment import toolbox
from workers.environment.install import Installer
from workers.environment.recipe import recipe
from workers.sandbox import Limits
from workers.sandbox.bubblewrap import Bubblewrap

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"
PROJECT = os.environ.get("SETUP_PROJECT", "flask")


def test_a_projects_own_suite_passes_from_the_index_and_again_from_the_cache(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", PROJECT, "-d", "."]
    subprocess.run(pip, cwd=tmp_path, check=True, timeout=300)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (root,) = (tmp_path / "source").iterdir()
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    needed = recipe(lambda path: (root / path).read_bytes() if (root / path).is_file() else None, files)
    box = Bubblewrap(tmp_path / "home", TOOLBOX)
    local = tuple(filter(None, os.environ.get("SETUP_LOCAL", "").split(",")))
    sources = toolbox.completed(Sources(local_hosts=local), None, TOOLBOX)
    installer = Installer(tmp_path / "deps", box, lambda: sources, lambda: toolbox.toolchain(TOOLBOX))

    def write(into: Path) -> None:
        shutil.copytree(root, into, dirs_exist_ok=True)

    fresh = []
    for round_ in ("first", "second"):
        with installer.installed(needed, f"live/{PROJECT}", write) as found:
            print(f"{round_}: {found.seconds:.2f} s, fresh {found.fresh}, {found.reasons}, {found.refused}")
            work = tmp_path / round_
            shutil.copytree(root, work)
            session = box.open(work, found.folder)
            began = time.monotonic()
            try:
                ran = session.run(
                    "PYTHONPATH=src:. python -m pytest -q -p no:cacheprovider", limits=Limits(wall_seconds=600)
                )
            finally:
                session.close()
            print(f"{ran.output[-300:]}\n{time.monotonic() - began:.1f} s")
            assert found.reasons == ()
            assert ran.exit_code == 0
            fresh.append(found.fresh)
    assert fresh == [True, False]
