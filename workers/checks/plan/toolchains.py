"""Go, Rust, .NET, Swift, Gradle and Maven: toolchains that know how to test a project by themselves. Pure.

Law: everything runs without a network, so that what is not there yet is a missing dependency and never a download.
"""

from __future__ import annotations

import re

from workers.checks import Check
from workers.checks.plan.candidate import XML, Candidate, check, report
from workers.checks.plan.facts import REPORTS, Facts

_GO = re.compile(r"_test\.go$")
_RUST = re.compile(r"(^|/)tests/.*\.rs$|(^|/)tests?\.rs$")
_RUST_SOURCE = re.compile(r"(^|/)src/.*\.rs$")
_JVM_SOURCES = ("java", "kt", "groovy", "scala")
_JVM = re.compile(
    r"(^|/)(test|androidTest|\w+Test|it|testFixtures)/(java|kotlin|groovy|scala)/.*\.(java|kt|groovy|scala)$|Test\.(java|kt)$"
)
_DOTNET = re.compile(r"(^|/)[^/]*Tests?[^/]*/.*\.(cs|fs|vb)$|Tests?\.(cs|fs|vb)$")
_PROJECTS = ("csproj", "fsproj", "vbproj")
_DOTNET_PROJECT = re.compile(r"\.(csproj|fsproj|vbproj)$")
_DOTNET_TEST_PROJECT = re.compile(r"(^|/)[^/]*(Tests?|Specs)[^/]*\.(csproj|fsproj|vbproj)$")
_SWIFT = re.compile(r"(^|/)Tests/.*\.swift$|Tests?\.swift$")


def go(facts: Facts) -> Candidate | None:
    """A Go module or workspace."""
    if not facts.has("go.mod", "go.work") or not facts.count(_GO, "go"):
        return None
    run = "go test -json"
    quick = []
    if facts.uses("gofmt") or facts.uses("go fmt") or facts.uses("gofumpt"):
        quick.append(check("gofmt", "gofmt -l {files}", "format", "paths", endings=(".go",)))
    if facts.uses("go vet") or "govet" in "".join(facts.text(name) for name in (".golangci.yml", ".golangci.yaml")):
        quick.append(check("go vet", "go vet ./...", "lint", "lines", ("go",), (".go",)))
    if facts.has(".golangci.yml", ".golangci.yaml", ".golangci.toml"):
        quick.append(check("golangci-lint", "golangci-lint run", "lint", "lines", endings=(".go",)))
    packages = "./..."
    if not facts.has("go.mod"):
        used = re.findall(r"^\s*(?:use\s+)?(\./[\w./-]+|\.)\s*$", facts.text("go.work"), re.M)
        packages = " ".join(f"{place.rstrip('/')}/..." for place in used[:50]) or packages
    return Candidate(
        "go", "go test", f"{run} {packages}", facts.count(_GO, "go"), manager="go", reader="go", needs=("go",),
        quick=tuple(quick), select=f"{run} -run {{tests|}} {packages}",
    )  # fmt: skip


def rust(facts: Facts) -> Candidate | None:
    """A Cargo package or workspace. Unit tests stand in the sources, so every source may hold some."""
    if not facts.has("Cargo.toml"):
        return None
    tests = facts.count(_RUST, "rs")
    sources = facts.count(_RUST_SOURCE, "rs")
    if not tests and not sources:
        return None
    manifest = facts.toml("Cargo.toml")
    whole = " --workspace" if "workspace" in manifest else ""
    run = f"cargo test --offline --no-fail-fast{whole}"
    quick = []
    if facts.has("rustfmt.toml", ".rustfmt.toml") or facts.uses("cargo fmt") or facts.uses("rustfmt"):
        command = "cargo fmt --all -- --check"
        quick.append(check("cargo fmt", command, "format", "rustfmt", ("cargo", "rustfmt"), (".rs",)))
    if facts.has("clippy.toml", ".clippy.toml") or facts.uses("cargo clippy") or facts.uses("clippy"):
        command = f"cargo clippy --offline --quiet --message-format=json{whole}"
        quick.append(check("clippy", command, "lint", "cargo", ("cargo", "cargo-clippy"), (".rs",)))
    return Candidate(
        "rust", "cargo test", run, max(tests, 1), manager="cargo", reader="cargo", needs=("cargo",),
        quick=tuple(quick), select=f"{run} -- --exact {{tests}}",
    )  # fmt: skip


def maven(facts: Facts) -> Candidate | None:
    """A Maven project of one or more modules."""
    if not facts.has("pom.xml") or not facts.count(_JVM, *_JVM_SOURCES):
        return None
    run = "mvn --offline --batch-mode --no-transfer-progress --fail-at-end test"
    quick: tuple[Check, ...] = ()
    if "spotless-maven-plugin" in facts.text("pom.xml"):
        command = "mvn --offline --batch-mode --quiet spotless:check"
        quick = (check("spotless", command, "format", "", ("mvn", "java"), (".java", ".kt")),)
    return Candidate(
        "jvm", "maven", run, facts.count(_JVM, *_JVM_SOURCES), manager="maven",
        reports=("**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml"), reader="junit",
        needs=("java", "mvn"), quick=quick, select=f"{run} -Dsurefire.failIfNoSpecifiedTests=false -Dtest={{tests,}}",
    )  # fmt: skip


def gradle(facts: Facts) -> Candidate | None:
    """A Gradle build, by the Gradle of the sandbox: a wrapper would download its own."""
    if not facts.has("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"):
        return None
    if not facts.count(_JVM, *_JVM_SOURCES):
        return None
    run = "gradle --offline --console=plain --no-daemon --continue test"
    return Candidate(
        "jvm", "gradle", run, facts.count(_JVM, *_JVM_SOURCES), manager="gradle",
        reports=("**/build/test-results/**/*.xml",), reader="junit", needs=("java", "gradle"),
        select=f"{run} {{tests:--tests }}",
    )  # fmt: skip


def dotnet(facts: Facts) -> Candidate | None:
    """A .NET solution, or a single test project."""
    project = facts.first(_DOTNET_PROJECT, *_PROJECTS)
    tests = facts.count(_DOTNET, "cs", "fs", "vb")
    if project is None or not tests:
        return None
    solutions = facts.of("sln", "slnx")
    place = min(solutions, key=lambda path: (path.count("/"), len(path))) if solutions else None
    if place is None or place.count("/") > 1:
        place = facts.first(_DOTNET_TEST_PROJECT, *_PROJECTS) or place
    if place is None:
        return None
    quoted = "'" + place.replace("'", "'\\''") + "'"
    run = f"dotnet test {quoted} --nologo --logger trx --results-directory {report(facts, 'dotnet')}"
    quick: tuple[Check, ...] = ()
    if facts.has(".editorconfig") and facts.uses("dotnet format"):
        command = f"dotnet format {quoted} --verify-no-changes --no-restore"
        quick = (check("dotnet format", command, "format", "lines", ("dotnet",), (".cs", ".vb")),)
    return Candidate(
        "dotnet", "dotnet test", run, tests, manager="nuget", reports=(f"{REPORTS}/dotnet/**/*.trx",), reader="trx",
        needs=("dotnet",), quick=quick, select=f"{run} --filter {{tests~}}",
    )  # fmt: skip


def swift(facts: Facts) -> Candidate | None:
    """A Swift package."""
    if not facts.has("Package.swift") or not facts.count(_SWIFT, "swift"):
        return None
    run = f"swift test --parallel --xunit-output {report(facts, 'swift.xml')}"
    quick = []
    if facts.has(".swiftlint.yml"):
        quick.append(check("swiftlint", "swiftlint lint --quiet", "lint", "lines", endings=(".swift",)))
    if facts.has(".swiftformat"):
        quick.append(check("swiftformat", "swiftformat --lint {files}", "format", "lines", endings=(".swift",)))
    return Candidate(
        "swift", "swift test", run, facts.count(_SWIFT, "swift"), manager="swiftpm", reports=XML, reader="junit",
        needs=("swift",), quick=tuple(quick), select=f"{run} --filter {{tests|}}",
    )  # fmt: skip
