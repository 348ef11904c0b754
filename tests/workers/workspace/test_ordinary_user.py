"""A worker without rights works over shared checkouts just as root does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTHON = "/usr/bin/python3"


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv") or not os.access(PYTHON, os.X_OK),
    reason="only root can become another user, and that user needs a Python that it can read",
)
def test_a_user_without_rights_works_over_a_shared_checkout(tmp_path: Path) -> None:
    code = tmp_path / "code"
    for name in ("workers", "bot"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__", "playground"))
    script = code / "ordinary_user.py"
    shutil.copy(Path(__file__).with_name("ordinary_user.py"), script)
    place = Path(tempfile.mkdtemp(prefix="shipmate-user-"))
    try:
        shutil.copytree(code, place / "code")
        for one in [place, *place.rglob("*")]:
            os.chown(one, 65534, 65534)
        (place / "work").mkdir()
        os.chown(place / "work", 65534, 65534)
        done = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", PYTHON, "-B",
             str(place / "code/ordinary_user.py"), str(place / "work")],
            env={"PATH": "/usr/bin:/bin", "HOME": str(place), "PYTHONPATH": str(place / "code")},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
    finally:
        shutil.rmtree(place)
    assert (said["uid"], said["leaks"], said["over"], said["same"]) == (65534, [], True, True)
    assert said["changed"] == [["a/b", "D"], ["a/n", "A"], ["c", "D"], ["c/d", "A"]]
    assert said["shown"] == ["./a/n", "./c/d"]
    assert said["refused"] == {".": "cannot be read"}
    assert said["left"] == ["app.git", "bases", "home"]
    assert said["module"] == ["c", "no", "no", "unchanged"]
    assert said["bases"] == []
