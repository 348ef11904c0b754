"""Python."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.python.detect import detect

ECOSYSTEM = Ecosystem(
    name="python",
    label="Python",
    rank=1,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini"),
    detect=(detect,),
)
