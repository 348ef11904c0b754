"""Python."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, OwnReader, Plant, Readers
from workers.ecosystems.python import read, tests
from workers.ecosystems.python.alarms import conftest
from workers.ecosystems.python.detect import detect
from workers.ecosystems.python.packages import PACKAGES
from workers.ecosystems.python.select import SELECT
from workers.ecosystems.python.supply import SUPPLY
from workers.ecosystems.python.weak import SCAN

_LACK = Lack(
    module=r"No module named '?([A-Za-z_]\w{0,59})(?:\.[\w.]*)?'?\s*$",
    endings=(".py",),
)

_PLANT = Plant(
    """import unittest


class Test{name}(unittest.TestCase):
    def test_{name}(self):
        self.assertEqual("{name}", "")
""",
    lambda _neighbour, name: f"test_{name}.py",
)

ECOSYSTEM = Ecosystem(
    name="python",
    label="Python",
    supply=SUPPLY,
    rank=1,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini"),
    detect=(detect,),
    packages=PACKAGES,
    readers=Readers(
        outputs={"pytest": read.pytest, "unittest": read.unittest},
        findings=read.FINDINGS,
        agreeing=frozenset({"pytest"}),
    ),
    select=SELECT,
    lack=_LACK,
    own_tests=OwnReader(re.compile(r"\.pyw?$"), tests.tests, "assert", last_wins=True),
    alarms={"conftest.py": conftest},
    scan=SCAN,
    plant=_PLANT,
    endings=("py",),
    recipes=("tox.ini", "noxfile.py"),
    made=(".venv", "venv", "__pycache__", ".tox", ".nox"),
)
