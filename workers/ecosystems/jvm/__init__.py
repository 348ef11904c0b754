"""Java or Kotlin."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.jvm.detect import gradle, maven
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply
from workers.reports.summary import Form, reader

_SUMMARY = reader(
    Form(
        "Maven's summary",
        "Tests run:",
        r"^(?:\[[A-Z]+\] )?Tests run: (?P<total>\d+), Failures: (?P<failed>\d+), Errors: (?P<errors>\d+),"
        r" Skipped: (?P<skipped>\d+)$",
        r"^\[ERROR\]   (\S+[:.]\S+.*)$",
    )
)


def _maven(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the class and the method, as Surefire selects them."""
    owner, dot, method = name.partition("(")[0].partition("[")[0].rpartition(".")
    return f"{owner}#{method}" if dot and re.fullmatch(r"[\w.$]+", owner) and method.isidentifier() else None


def _gradle(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the name without its parameters."""
    bare = name.partition("(")[0].partition("[")[0]
    return bare if re.fullmatch(r"[\w.$ -]+", bare) else None


_SELECT = Select(
    belongs=re.compile(
        r"(^|/)[^/]*(Test|Tests|TestCase|Spec|IT)\.(java|kts?|groovy|scala)$"
        r"|(^|/)src/(test|androidTest|integrationTest|jvmTest|commonTest)/"
    ),
    spell={"maven": _maven, "gradle": _gradle},
)

_LACK = Lack(
    wanted=(
        ("Java {}", r"error: invalid (?:source|target) release: (\d{1,2})"),
        ("Java {}", r"error: release version (\d{1,2})"),
    ),
    offline=(
        r"^\[(?:ERROR|FATAL)\].*Cannot access \S+ \([^)\n]+\) in offline mode",
        r"^\s*> No cached version of \S+ available for offline mode",
    ),
)

ECOSYSTEM = Ecosystem(
    name="jvm",
    label="Java or Kotlin",
    rank=5,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("pom.xml", "build.gradle", "build.gradle.kts"),
    detect=(maven, gradle),
    readers=Readers(outputs={"maven": _SUMMARY}),
    select=_SELECT,
    lack=_LACK,
    endings=("java", "kt", "scala"),
    sources=("java", "kt", "kts", "scala", "groovy"),
    made=(".gradle", "target"),
)
