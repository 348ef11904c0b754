"""Python."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.python import read
from workers.ecosystems.python.detect import detect
from workers.ecosystems.python.packages import PACKAGES

ECOSYSTEM = Ecosystem(
    name="python",
    label="Python",
    rank=1,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini"),
    detect=(detect,),
    packages=PACKAGES,
    readers=Readers(outputs={"pytest": read.pytest, "unittest": read.unittest}, findings=read.FINDINGS),
)
