"""What an agent wrote is removed, and what its links lead to is left as it is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from workers.workspace import removal

PYTHON = "/usr/bin/python3"
SCRIPT = """
import os, runpy, sys
from pathlib import Path
remove = runpy.run_path(sys.argv[1])["remove"]
kept, tree = Path("kept"), Path("tree")
kept.mkdir(); tree.mkdir()
(kept / "key").write_text("k"); (kept / "key").chmod(0o400); kept.chmod(0o500)
(tree / "link").symlink_to(kept.absolute()); (tree / "deep/er").mkdir(parents=True)
(tree / "deep/er").chmod(0); (tree / "deep").chmod(0o500); tree.chmod(0o555)
remove(tree / "link"); remove(tree / "deep")
print(oct(kept.stat().st_mode & 0o777), oct((kept / "key").stat().st_mode & 0o777), os.listdir(tree))
"""


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv") or not os.access(PYTHON, os.X_OK),
    reason="only root can become another user, and nothing is closed to root",
)
def test_a_link_in_a_folder_closed_to_us_is_removed_and_not_followed() -> None:
    with tempfile.TemporaryDirectory(prefix="shipmate-user-") as name:
        shutil.copy(removal.__file__, f"{name}/removal.py")
        for place in (Path(name), Path(name, "removal.py")):
            os.chown(place, 65534, 65534)
        done = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", PYTHON, "-I", "-B", "-c", SCRIPT,
             f"{name}/removal.py"],
            cwd=name, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.stdout.strip() == "0o500 0o400 []", done.stderr


def test_what_cannot_be_removed_is_an_ordinary_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
    with pytest.raises(OSError, match="cannot be removed"):
        removal.remove(tmp_path / "there")
    assert stat.S_ISDIR((tmp_path / "there").stat().st_mode)
    removal.remove(tmp_path / "never there")
