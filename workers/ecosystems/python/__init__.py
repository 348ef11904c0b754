"""Python."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Lack, Readers
from workers.ecosystems.python import read
from workers.ecosystems.python.detect import detect
from workers.ecosystems.python.packages import PACKAGES
from workers.ecosystems.python.select import SELECT
from workers.ecosystems.python.supply import SUPPLY

_LACK = Lack(
    module=r"No module named '?([A-Za-z_]\w{0,59})(?:\.[\w.]*)?'?\s*$",
    endings=(".py",),
)

ECOSYSTEM = Ecosystem(
    name="python",
    label="Python",
    supply=SUPPLY,
    rank=1,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini"),
    detect=(detect,),
    packages=PACKAGES,
    readers=Readers(outputs={"pytest": read.pytest, "unittest": read.unittest}, findings=read.FINDINGS),
    select=SELECT,
    lack=_LACK,
    made=(".venv", "venv", "__pycache__", ".tox", ".nox"),
)
