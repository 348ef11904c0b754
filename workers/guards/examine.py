"""Run all guards over one change.

Law: nothing here raises. A guard that fails says so as a finding that a person must look at, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from workers.guards import characters, engine, leaving, licences, secrets, shape, weaknesses
from workers.guards.edits import SYMLINK, Examined, load
from workers.guards.found import Found, Read
from workers.guards.rules import found
from workers.guards.supply import installing, packages
from workers.guards.tamper import aware, compare, expected, recipes, settings, shadows
from workers.workspace import Changed

Guard = Callable[[Examined], Iterable[Found]]
GUARDS: tuple[Guard, ...] = (
    engine.guard,
    shape.guard,
    secrets.guard,
    characters.guard,
    licences.guard,
    leaving.guard,
    weaknesses.guard,
    packages.guard,
    installing.guard,
    compare.guard,
    expected.guard,
    recipes.guard,
    settings.guard,
    shadows.guard,
    aware.guard,
)
MOST_OF_A_RULE = 12
"""Findings of one rule that are listed; a last one says how many more there are."""
_ORDER = {"block": 0, "hold": 1, "flag": 2}


def examine(
    changed: tuple[Changed, ...],
    old: Read,
    new: Read,
    *,
    secrets: tuple[str, ...] = (),
    link: Read | None = None,
    request: str = "",
) -> tuple[Found, ...]:
    """Return all findings of a change, blocks first. `secrets` are configured values of this installation,
    `request` is what the person who asked typed.

    `link` gives the target of a symbolic link in the new tree; without it every link is taken for one that leaves.
    """
    return findings(examined(changed, old, new, secrets=secrets, link=link, request=request))


def examined(
    changed: tuple[Changed, ...],
    old: Read,
    new: Read,
    *,
    secrets: tuple[str, ...] = (),
    link: Read | None = None,
    request: str = "",
) -> Examined:
    """Read a change as the guards look at it; see `examine`."""
    targets = {one.path for one in changed if one.new_mode == SYMLINK}

    def read(path: str) -> bytes | None:
        if path in targets:
            return link(path) if link else None
        return new(path)

    return load(changed, old, read, secrets, request)


def findings(change: Examined) -> tuple[Found, ...]:
    """Return all findings of a change that was read, blocks first."""
    every = [one for guard in GUARDS for one in _guarded(guard, change)]
    return tuple(_told(sorted(dict.fromkeys(every), key=lambda one: _ORDER[one.level])))


def _guarded(guard: Guard, change: Examined) -> list[Found]:
    every: list[Found] = []
    try:
        every.extend(guard(change))
    except Exception as error:  # whatever it is, the change must not pass for examined
        name = guard.__module__.rsplit(".", 1)[-1]
        every.append(found("unexamined", "(the change)", f"the guard `{name}` failed with {type(error).__name__}"))
    return every


def _told(every: Iterable[Found]) -> Iterator[Found]:
    count: Counter[str] = Counter()
    for one in every:
        count[one.rule] += 1
        if count[one.rule] <= MOST_OF_A_RULE:
            yield one
    for rule, number in count.items():
        if number > MOST_OF_A_RULE:
            yield found(rule, "(more)", f"{number - MOST_OF_A_RULE} further findings like those above")
