"""Python."""

from __future__ import annotations

import re
from dataclasses import replace

from workers.ecosystems import OwnReader, Plant
from workers.ecosystems.python import read, select, tests
from workers.ecosystems.python.alarms import conftest
from workers.ecosystems.python.detect import detect
from workers.ecosystems.python.packages import PACKAGES
from workers.ecosystems.python.supply import SUPPLY
from workers.ecosystems.python.weak import SCAN
from workers.ecosystems.tables import ecosystem

_PLANT = Plant(
    """import unittest


class Test{name}(unittest.TestCase):
    def test_{name}(self):
        self.assertEqual("{name}", "")
""",
    lambda _neighbour, name: f"test_{name}.py",
)

ECOSYSTEM = replace(
    ecosystem(
        __file__,
        detect,
        spell={"pytest": select.pytest, "unittest": select.unittest},
        outputs={"pytest": read.pytest, "unittest": read.unittest},
        findings=read.FINDINGS,
        supplied=SUPPLY,
    ),
    packages=PACKAGES,
    own_tests=OwnReader(re.compile(r"\.pyw?$"), tests.tests, "assert", last_wins=True),
    alarms={"conftest.py": conftest},
    scan=SCAN,
    plant=_PLANT,
)
