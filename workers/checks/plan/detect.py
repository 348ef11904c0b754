"""What to run for a repository, from what its files show. Pure.

Law: the root comes first. Only where it has nothing to test is one folder chosen, the one with the most tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workers.checks import Plan
from workers.checks.plan import interpreted, native, node, python, toolchains
from workers.checks.plan.candidate import Candidate
from workers.checks.plan.facts import POLICY, Facts, Read

_DETECTORS = (
    python.detect,
    node.detect,
    toolchains.go,
    toolchains.rust,
    toolchains.maven,
    toolchains.gradle,
    toolchains.dotnet,
    toolchains.swift,
    interpreted.ruby,
    interpreted.php,
    interpreted.dart,
    interpreted.elixir,
    native.detect,
)
_MANIFEST = re.compile(
    r"(^|/)(pyproject\.toml|setup\.py|setup\.cfg|tox\.ini|pytest\.ini|package\.json|go\.mod|Cargo\.toml|pom\.xml"
    r"|build\.gradle(\.kts)?|[^/]+\.slnx?|Package\.swift|Gemfile|[^/]+\.gemspec|composer\.json|pubspec\.yaml|mix\.exs"
    r"|CMakeLists\.txt|meson\.build|configure\.ac)$"
)
_BESIDE = re.compile(
    r"(^|/)(examples?|samples?|docs?|documentation|fixtures?|__fixtures__|testdata|test_data|vendor|vendored|node_modules"
    r"|third_party|3rdparty|deps|contrib|extras|thirdparty|external|templates?|stubs?|bricks|bench(marks?)?|tests?|spec|website|demos?|\.[^/]+)(/|$)",
    re.I,
)
_DEEPEST = 3
_MOST_FOLDERS = 60
_NAMES = {
    "python": "Python", "node": "JavaScript", "go": "Go", "rust": "Rust", "jvm": "Java or Kotlin", "dotnet": ".NET",
    "swift": "Swift", "ruby": "Ruby", "php": "PHP", "dart": "Dart", "elixir": "Elixir", "native": "C or C++",
}  # fmt: skip


def detect(read: Read, files: Sequence[str], near: Sequence[str] = ()) -> Plan:
    """The plan for a repository with these `files`; without one it says why.

    `near` are paths that a change touches: where the root has no tests, the folder that holds most of them is chosen.
    """
    facts = Facts(read, sorted(files))
    every = _all(facts)
    found = _best(every)
    if found and found.loose is None:
        others = sorted({one.ecosystem for one in every} - {found.ecosystem})
        notes = [f"Tests for {_NAMES.get(other, other)} are left to CI." for other in others]
        return replace(found.plan(""), notes=(*found.notes, *notes))
    folders = list(_folders(facts.files))
    if found and found.loose and _outside(facts, found.loose, folders):
        return found.plan("")
    chosen = [(candidate, place) for place in folders if (candidate := _best(_all(facts.below(place))))]
    if chosen:
        touched = {place: sum(path.startswith(f"{place}/") for path in near) for _, place in chosen}
        candidate, place = max(chosen, key=lambda one: (touched[one[1]], one[0].tests, -one[1].count("/")))
        made = candidate.plan(place)
        if len(chosen) == 1:
            return made
        return replace(made, notes=(*made.notes, f"{len(chosen) - 1} other folders with tests are left to CI."))
    last = found or native.make(facts)
    if last:
        return last.plan("")
    return Plan(
        "nothing", None, why_not=f"The repository has no tests that Shipmate recognises; name them in {POLICY}."
    )


def _outside(facts: Facts, tests: re.Pattern[str], folders: Sequence[str]) -> bool:
    """Whether any test lies in none of the folders."""
    inside = tuple(f"{folder}/" for folder in folders)
    return any(tests.search(path) and not path.startswith(inside) for path in facts.files)


def _all(facts: Facts) -> list[Candidate]:
    return [found for detector in _DETECTORS if (found := detector(facts)) is not None]


def _best(found: Sequence[Candidate]) -> Candidate | None:
    """The ecosystem with the most tests, of those that say what they are; of equals the first."""
    return max(found, key=lambda one: (one.loose is None, one.tests)) if found else None


def _folders(files: Sequence[str]) -> Iterator[str]:
    """Folders that hold a project of their own, near the root and no mere examples; those with most files first."""
    counted: dict[str, int] = {}
    places = {
        path.rpartition("/")[0]
        for path in files
        if path.count("/") <= _DEEPEST and _MANIFEST.search(path[path.rfind("/") + 1 :])
    }
    places = {place for place in places if place and not _BESIDE.search(place)}
    for path in files:
        parts = path.split("/")
        for depth in range(1, min(len(parts), _DEEPEST + 1)):
            place = "/".join(parts[:depth])
            if place in places:
                counted[place] = counted.get(place, 0) + 1
    yield from sorted(counted, key=lambda place: (-counted[place], place))[:_MOST_FOLDERS]
