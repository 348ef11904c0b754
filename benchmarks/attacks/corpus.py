"""Small changes as data: some meant to slip past the guards, some innocent, and what the guards say of each.

Law: a file of cases is written by a person (or model) who has not read the rules, and isn't edited to please them.

A case is a table `[[case]]` of a TOML file: `name`, `family`, `before` and `after` (path -> whole text), and `deleted`
(paths that are gone afterwards). A path that `after` does not mention stays as it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workers.guards import Found, examine
from workers.workspace import Changed

Kind = Literal["evasion", "innocent"]
NONE, OLD, NEW = "0" * 40, "a" * 40, "b" * 40


@dataclass(frozen=True, eq=False)
class Case:
    """One change. `kind` says what is right: an evasion is blocked or held, an innocent change is neither."""

    kind: Kind
    family: str
    name: str
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]

    def found(self) -> tuple[Found, ...]:
        """Return what the guards say of it."""
        changed = []
        for path in sorted(self.before.keys() | self.after.keys()):
            if self.before.get(path) == self.after.get(path):
                continue
            status = "D" if path not in self.after else "A" if path not in self.before else "M"
            modes = ("000000" if status == "A" else "100644", "000000" if status == "D" else "100644")
            shas = (NONE if status == "A" else OLD, NONE if status == "D" else NEW)
            changed.append(Changed(path, status, *modes, *shas))
        return examine(tuple(changed), self.before.get, self.after.get, link=self.after.get)

    def held(self) -> bool:
        """Return whether the guards block it or ask for a second approver."""
        return any(one.level != "flag" for one in self.found())

    def right(self) -> bool:
        """Return whether the guards decide what `kind` says is right."""
        return self.held() == (self.kind == "evasion")


def cases(folder: Path, *, even: bool = False) -> Iterator[Case]:
    """Yield the cases of `evasions/*.toml` and `innocent/*.toml` below a folder, or each file's second, fourth, ...

    Raises `ValueError` for a bad file.
    """
    for place, kind in (("evasions", "evasion"), ("innocent", "innocent")):
        for file in sorted((folder / place).glob("*.toml")):
            for one in tomllib.loads(file.read_text()).get("case", [])[even :: 1 + even]:
                yield _case("evasion" if kind == "evasion" else "innocent", one, file)


def _case(kind: Kind, one: Mapping[str, object], file: Path) -> Case:
    before, after, deleted = one.get("before", {}), one.get("after", {}), one.get("deleted", [])
    if not (isinstance(before, Mapping) and isinstance(after, Mapping) and isinstance(deleted, Sequence)):
        raise ValueError(f"{file.name}: {one.get('name')} has no tables `before` and `after`")
    old = {str(path): str(text).encode() for path, text in before.items()}
    new = {path: text for path, text in old.items() if path not in deleted}
    new |= {str(path): str(text).encode() for path, text in after.items()}
    if new == old:
        raise ValueError(f"{file.name}: {one.get('name')} changes nothing")
    return Case(kind, str(one["family"]), str(one["name"]), old, new)
