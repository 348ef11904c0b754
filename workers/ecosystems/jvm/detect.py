"""Java, Kotlin, Groovy and Scala: Maven or Gradle, as the sandbox has them. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, Check, check
from workers.ecosystems.facts import Facts

_SOURCES = ("java", "kt", "groovy", "scala")
_TESTS = re.compile(
    r"(^|/)(test|androidTest|\w+Test|it|testFixtures)/(java|kotlin|groovy|scala)/.*\.(java|kt|groovy|scala)$|Test\.(java|kt)$"
)


def maven(facts: Facts) -> Candidate | None:
    """Return a Maven project of one or more modules."""
    if not facts.has("pom.xml") or not facts.count(_TESTS, *_SOURCES):
        return None
    run = "mvn --offline --batch-mode --no-transfer-progress --fail-at-end test"
    quick: tuple[Check, ...] = ()
    if "spotless-maven-plugin" in facts.text("pom.xml"):
        command = "mvn --offline --batch-mode --quiet spotless:check"
        quick = (check("spotless", command, "format", "", ("mvn", "java"), (".java", ".kt")),)
    return Candidate(
        "jvm", "maven", run, facts.count(_TESTS, *_SOURCES), manager="maven",
        reports=("**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml"), reader="junit",
        needs=("java", "mvn"), quick=quick, select=f"{run} -Dsurefire.failIfNoSpecifiedTests=false -Dtest={{tests,}}",
    )  # fmt: skip


def gradle(facts: Facts) -> Candidate | None:
    """Return a Gradle build, by the Gradle of the sandbox: a wrapper would download its own."""
    if not facts.has("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"):
        return None
    if not facts.count(_TESTS, *_SOURCES):
        return None
    run = "gradle --offline --console=plain --no-daemon --continue test"
    return Candidate(
        "jvm", "gradle", run, facts.count(_TESTS, *_SOURCES), manager="gradle",
        reports=("**/build/test-results/**/*.xml",), reader="junit", needs=("java", "gradle"),
        select=f"{run} {{tests:--tests }}",
    )  # fmt: skip
