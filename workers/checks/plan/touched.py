"""Which languages a change touches, and what of it a plan's tests do not cover. Pure.

A path belongs to the languages whose sources or manifests it is one of; what belongs to none (texts, data, styles) is
covered by whatever runs. Nothing is expected of examples, documents and what other people wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from workers.checks import Plan
from workers.ecosystems import registry

_NO_PROJECTS = (
    r"examples?|samples?|docs?|documentation|website|demos?|templates?|bricks",
    r"fixtures?|__fixtures__|testdata|test_data|stubs?|tests?|spec|bench(marks?)?",
    r"vendor|vendored|node_modules|third_party|3rdparty|thirdparty|external|deps|contrib|extras",
    r"\.[^/]+",
)
_BESIDE = tuple(re.compile(rf"(^|/)({names})(/|$)", re.I) for names in _NO_PROJECTS)


def beside(path: str) -> bool:
    """Return whether a path is no part of a project: an example, a document, a fixture, someone else's code."""
    return any(pattern.search(path) for pattern in _BESIDE)


def owners(path: str) -> frozenset[str]:
    """Return the names of the ecosystems that a path belongs to."""
    name = path[path.rfind("/") + 1 :]
    ending = name.rpartition(".")[2] if "." in name else ""
    return frozenset(
        one.name for one in registry.ALL if ending in (one.sources or one.endings) or name in one.manifests
    )


def languages(near: Sequence[str]) -> frozenset[str]:
    """Return the names of the ecosystems that a change to these paths touches."""
    return frozenset(name for path in near for name in owners(path))


def uncovered(plan: Plan, near: Sequence[str]) -> tuple[str, ...]:
    """Return what of a change the plan's tests do not cover, each as a language with one of its files.

    A plan that people wrote, or one of no language, is taken to cover the repository.
    """
    if plan.test is None or not _sources(plan.ecosystem):
        return ()
    found: dict[str, str] = {}
    for path in near:
        owned = owners(path)
        if owned and not beside(path) and not _covers(plan, path, owned):
            found.setdefault(min(owned), path)
    return tuple(f"{registry.BY_NAME[name].label} ({path})" for name, path in found.items())


def covers_any(plan: Plan, near: Sequence[str]) -> bool:
    """Return whether the plan's tests cover a source that the change touches."""
    return any(_covers(plan, path, owners(path)) for path in near if not beside(path))


def _covers(plan: Plan, path: str, owned: Collection[str]) -> bool:
    inside = not plan.folder or path.startswith(f"{plan.folder}/")
    return plan.ecosystem in owned and inside


def _sources(ecosystem: str) -> tuple[str, ...]:
    one = registry.BY_NAME.get(ecosystem)
    return (one.sources or one.endings) if one else ()
