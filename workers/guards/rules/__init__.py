"""Every rule of the guards, read from the tables beside this file: level, fact or suspicion, reason, what it looks for.

A rule is one table; the guards that need code (what was moved, what is gone, what a lock pins) say so with `code`.

    [rule.tls-off]
    level = "flag"                  # block, hold or flag
    fact = false                    # false: a suspicion
    why = "a connection that trusts everybody can be read and changed by everybody"

    [rule.tls-off.look.unchecked]   # any number of looks; the engine (`engine.py`) follows them over a change
    files = ["source"]              # forms that the path must have, or "not " and a form; none: every file
    named = ["*.js"]                # names or paths of files, one of which it must have; none: every file
    text = ["not is-checked"]       # forms that the whole text must have (the old one where `on` is fewer or lost)
    on = "line"                     # what is looked at, see `On`
    status = "AM"                   # added, modified, deleted ("AMD" for paths, "MD" for fewer and lost, else "AM")
    sentence = "does not check who is at the other end of a connection"   # {match} is what was found, spelled safely
    at = "src/app.js"               # where the hits and misses below stand
    patterns.python = '\\bverify\\s*=\\s*False'                               # named, google-re2, under 200 characters
    patterns.node = { form = 'eval\\s*\\(', not_followed_by = '\\s*"' }
    hits = ["requests.get(url, verify=False)"]     # each pattern needs one; { at = "other/path.py", text = "..." } too
    misses = ["requests.get(url, verify=True)"]

    [form.copyleft]                 # words for guards that need code: FORMS["copyleft"].search(text)
    patterns.gpl = 'GPL'
    hits = ["GPL-3.0"]
    misses = ["MIT"]

A look takes every key of a form (`unless`, `all`, `any`, `after`, `case`: see `forms.py`). The first hit of a rule in a
file is what people read, with its line. A rule found by code has `hits` and `misses` of its own: whole small changes
(`Example`). The tests put all of them through the guards, and `docs/guards.md` prints the rules.

What a rule must know of one language stands in that language's folder, in a `rules.toml` of the same form: its
patterns, hits and misses join those of the form or look of the same name here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from workers import ecosystems
from workers.ecosystems.forms import FORMS, Form, Table
from workers.ecosystems.places import is_named
from workers.formats import toml
from workers.guards.found import Found, Level, spell_path

__all__ = ["FORMS", "LOOKS", "RULES", "SHADOWS", "Example", "Look", "Rule", "found", "is_of"]


class Example(Table):
    """A small change: what `path` held before and after (None: it was not there), `times` over; `also` is beside it.

    A path with {n} in it is as many files instead.
    """

    path: str = ""
    before: str | None = None
    after: str | None = None
    mode: str = "100644"
    times: int = 1
    secret: str = ""
    also: dict[str, str] = Field(default_factory=dict)
    more: dict[str, str] = Field(default_factory=dict)
    """Other files that the same change adds."""


class Shown(Table):
    """A line of a look's hits or misses at a path of its own."""

    at: str
    text: str


def _shown(value: object) -> object:
    return {"at": "", "text": value} if isinstance(value, str) else value


On = Literal["line", "command", "path", "file", "whole", "fewer", "lost"]
"""Each added `line`; each `command` with an added line, which a backslash carries on; the `path`, or that of a `file`
with added lines; the `whole` text, which was not so before; `fewer` hits in a text than before; the `lost` last one."""
_STATUS: dict[str, str] = {"path": "AMD", "fewer": "MD", "lost": "MD"}


class Look(Form):
    """What the engine looks for, where, and what is said of it."""

    files: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    on: On = "line"
    status: str = ""
    sentence: str
    not_with: str = ""
    """Nothing is said of this look in a file of which this other rule was found already."""
    at: str = ""
    hits: tuple[Annotated[Shown, BeforeValidator(_shown)], ...]  # type: ignore[assignment]  # lines at their places
    misses: tuple[Annotated[Shown, BeforeValidator(_shown)], ...]  # type: ignore[assignment]  # at their places too

    def concerns(self, path: str, status: str) -> bool:
        """Return whether a path that was added, modified or deleted is looked at."""
        named = not self.named or any(is_named(path, mark) for mark in self.named)
        wanted = self.status or _STATUS.get(self.on, "AM")
        return named and status in wanted and all(is_of(name, path) for name in self.files)


class Rule(Table):
    """`fact` rules say what the change plainly does (a file of CI was changed); the others suspect something."""

    level: Level
    fact: bool
    why: str
    runs: bool = False
    """What it finds runs where the project is built or tested, so in CI too, before anyone has approved it."""
    look: dict[str, Look] = Field(default_factory=dict)
    code: str = ""
    """The module that finds it, where tables do not."""
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _proved(self) -> Rule:
        if not self.look and not self.code:
            raise ValueError("a rule needs looks or code")
        if self.code and not (self.hits and self.misses):
            raise ValueError("a rule needs hits and misses")
        return self


class Shadow(Table):
    """A new one of `files` goes before the settings in the files that it `hides`, where these have such words."""

    files: tuple[str, ...]
    hides: dict[str, str]


class _File(Table):
    rule: dict[str, Rule] = Field(default_factory=dict)
    form: dict[str, Form] = Field(default_factory=dict)
    shadow: tuple[Shadow, ...] = ()


def read(folder: Path, more: Path | None = None) -> _File:
    """Return the tables of a folder, joined by the `rules.toml` of every folder in `more`. Raises ValueError."""
    every: dict[str, object] = {}
    for path in sorted(folder.glob("*.toml")):
        table = toml.loads(path.read_text(encoding="utf-8"))
        for kind in every.keys() & table.keys() - {"shadow"}:
            for name in _tables(every[kind]).keys() & _tables(table[kind]).keys():
                raise ValueError(f"{name} has two tables")
        _join(every, table)
    for path in sorted(more.glob("*/rules.toml")) if more else ():
        _join(every, toml.loads(path.read_text(encoding="utf-8")))
    return _File.model_validate(every)


def _tables(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _join(into: dict[str, object], more: Mapping[str, object]) -> None:
    """Put tables into tables and lists behind lists. Raises ValueError where one key has two values."""
    for key, value in more.items():
        had = into.setdefault(key, type(value)())
        if isinstance(had, dict) and isinstance(value, dict):
            _join(had, value)
        elif isinstance(had, list) and isinstance(value, list):
            into[key] = [*had, *value]
        elif not had:
            into[key] = value
        else:
            raise ValueError(f"{key} is said twice")


_ALL = read(Path(__file__).parent, Path(ecosystems.__file__).parent)
RULES: dict[str, Rule] = _ALL.rule
SHADOWS: tuple[Shadow, ...] = _ALL.shadow
FORMS |= _ALL.form
LOOKS: tuple[tuple[str, Look], ...] = tuple((name, look) for name, rule in RULES.items() for look in rule.look.values())
"""Every look with the name of its rule."""


@lru_cache(1 << 14)
def is_of(name: str, path: str) -> bool:
    """Return whether a path has a form, or lacks it where the name begins with "not "."""
    other = name.removeprefix("not ")
    return FORMS[other].matches(path) is (other == name)


def found(rule: str, path: str, sentence: str) -> Found:
    """Return a finding of a rule. `sentence` has no path and no full stop; its outside text is spelled already."""
    return Found(rule, RULES[rule].level, path, f"{spell_path(path)}: {sentence}.")
