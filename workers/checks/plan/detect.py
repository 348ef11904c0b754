"""What to run for a repository, from what its files show. Pure.

Law: the root comes first, in the language of the change. Only where it has nothing to test is one folder chosen, the
one that the change touches most, or has the most tests.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workers.checks import Plan
from workers.checks.plan.touched import beside, languages, owners, uncovered
from workers.ecosystems import registry
from workers.ecosystems.candidate import Candidate
from workers.ecosystems.facts import POLICY, REPORTS, Facts, Read

_MANIFESTS = registry.KNOWN.manifests
_ENDINGS = tuple(name[2:] for name in _MANIFESTS if name.startswith("?*"))
_DEEPEST = 3
_MOST_FOLDERS = 60


def detect(read: Read, files: Sequence[str], near: Sequence[str] = ()) -> Plan:
    """Return the plan for a repository with these `files`; without one it says why.

    `near` are paths that a change touches. The tests of what they are written in are chosen, at the root or in the
    folder that holds most of them; what of the change those do not cover is named in the plan.
    """
    made = _detect(Facts(read, sorted(files), registry.KNOWN), near)
    return replace(made, uncovered=uncovered(made, near)) if near else made


def _detect(facts: Facts, near: Sequence[str]) -> Plan:
    every, spoken = _all(facts), languages(near)
    sure = [one for one in every if one.loose is None]
    fitting = [one for one in sure if one.ecosystem in spoken]
    if sure and not fitting and (elsewhere := _of_touched_folder(facts, near)):
        return elsewhere
    found = _best(fitting) or _best(every)
    if found and found.loose is None:
        others = sorted({one.ecosystem for one in every} - {found.ecosystem})
        notes = [f"Tests for {registry.BY_NAME[other].label} are left to CI." for other in others]
        return replace(placed(found, ""), notes=(*found.notes, *notes))
    folders = list(_folders(facts.files))
    if found and found.loose and _outside(facts, found.loose, folders):
        return placed(found, "")
    chosen = [(candidate, place) for place in folders if (candidate := _best(_all(facts.below(place))))]
    if chosen:
        touched = {place: sum(path.startswith(f"{place}/") for path in near) for _, place in chosen}
        candidate, place = max(chosen, key=lambda one: (touched[one[1]], one[0].tests, -one[1].count("/")))
        made = placed(candidate, place)
        if len(chosen) == 1:
            return made
        return replace(made, notes=(*made.notes, f"{len(chosen) - 1} other folders with tests are left to CI."))
    last = found or next((one for each in registry.ALL if each.fallback and (one := each.fallback(facts))), None)
    if last:
        return placed(last, "")
    return Plan(
        "nothing", None, why_not=f"The repository has no tests that Shipmate recognises; name them in {POLICY}."
    )


def _of_touched_folder(facts: Facts, near: Sequence[str]) -> Plan | None:
    """Return the plan of the folder that holds most of the touched sources in its own language, or None."""
    best: tuple[int, Candidate, str] | None = None
    for place in _folders(facts.files):
        inside = [path for path in near if path.startswith(f"{place}/")]
        for found in _all(facts.below(place)) if inside else ():
            count = sum(found.ecosystem in owners(path) for path in inside)
            if count and (best is None or count > best[0]):
                best = count, found, place
    return placed(best[1], best[2]) if best else None


def placed(found: Candidate, folder: str) -> Plan:
    """Return the plan of what was found in a folder; its commands run at the repository's root."""
    inside = f"cd {shlex.quote(folder)} && " if folder else ""

    def there(command: str) -> str:
        return f"{inside}{{ {command}; }}" if folder else command

    source = found.source or found.tool
    return Plan(
        source=f"{source} in {folder}" if folder else source,
        test=there(found.test),
        reports=tuple(glob if glob.startswith(REPORTS) or not folder else f"{folder}/{glob}" for glob in found.reports),
        ecosystem=found.ecosystem,
        tool=found.tool,
        manager=found.manager,
        reader=found.reader,
        needs=found.needs,
        quick=tuple(replace(check, command=there(check.command)) for check in found.quick),
        test_changed=there(found.test_changed) if found.test_changed else None,
        select=there(found.select) if found.select else None,
        folder=folder,
        notes=found.notes,
    )


def _outside(facts: Facts, tests: re.Pattern[str], folders: Sequence[str]) -> bool:
    """Tell whether any test lies in none of the folders."""
    inside = tuple(f"{folder}/" for folder in folders)
    return any(tests.search(path) and not path.startswith(inside) for path in facts.files)


def _all(facts: Facts) -> list[Candidate]:
    return [found for one in registry.ALL for detector in one.detect if (found := detector(facts)) is not None]


def _best(found: Sequence[Candidate]) -> Candidate | None:
    """Return the recognised project with the most tests; among equals, the first."""
    return max(found, key=lambda one: (one.loose is None, one.tests)) if found else None


def _is_manifest(name: str) -> bool:
    return name in _MANIFESTS or (name.endswith(_ENDINGS) and name not in _ENDINGS)


def _folders(files: Sequence[str]) -> Iterator[str]:
    """Yield the folders near the root that hold a project and no mere example; those with most files first."""
    counted: dict[str, int] = {}
    places = {
        path.rpartition("/")[0]
        for path in files
        if path.count("/") <= _DEEPEST and _is_manifest(path[path.rfind("/") + 1 :])
    }
    places = {place for place in places if place and not beside(place)}
    for path in files:
        parts = path.split("/")
        for depth in range(1, min(len(parts), _DEEPEST + 1)):
            place = "/".join(parts[:depth])
            if place in places:
                counted[place] = counted.get(place, 0) + 1
    yield from sorted(counted, key=lambda place: (-counted[place], place))[:_MOST_FOLDERS]
