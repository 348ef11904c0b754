"""How tests look in a language: the names that begin one, assert, skip or single out, read from its `tests.toml`.

A name is a pattern over one short clue, such as `it.skip(`, `@Disabled("later")` or `TestSum(`. The engine in
`workers/guards/tamper` finds the clues in a syntax tree, so that no pattern has to know where a comment or a string
ends. Patterns are linear by construction: google-re2 compiles them.
"""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import re2
from pydantic import BaseModel, ConfigDict, Field

Role = Literal[
    "functions", "calls", "groups", "marked", "unmarked", "skips", "focuses", "asserts", "fails", "held", "fences",
    "exact", "weak",
]  # fmt: skip
Short = Annotated[str, Field(max_length=199)]


class Names(BaseModel):
    """Patterns of one role, with clues that they must find (each pattern one) and clues that they must leave alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: tuple[Short, ...]
    unless: tuple[Short, ...] = ()
    hits: tuple[str, ...]
    misses: tuple[str, ...]

    def find(self, clue: str) -> bool:
        """Return whether a clue has one of the names."""
        return self._any.search(clue) is not None and (not self.unless or self._but.search(clue) is None)

    @cached_property
    def _any(self) -> re2._Regexp:
        return re2.compile("|".join(f"(?:{one})" for one in self.patterns))

    @cached_property
    def _but(self) -> re2._Regexp:
        return re2.compile("|".join(f"(?:{one})" for one in self.unless))


class TestForms(BaseModel):
    """How tests look in files whose path `files` matches and, where it is given, whose text `content` matches.

    Of `names`, `functions` are heads of functions that are tests; where there are names for `marked`, one of these must
    stand before such a function, unless its head is one of `unmarked`. `calls` are calls with a title and a body,
    `groups` calls around tests. `fails` are assertions whose arguments say nothing, `held` calls whose arguments may
    never run, `fences` notes outside of tests that keep all tests of the file from running. `exact` and `weak` find,
    in an assertion's words, that it asks for one value or for hardly anything. With `titled` a string that
    has a body is a test; with `called` a test runs only where something else in the file names it.
    """

    __test__ = False
    model_config = ConfigDict(frozen=True, extra="forbid")

    grammar: str
    """Module and function of tree-sitter's grammar; only the process that reads tests loads it."""
    files: Short
    names: dict[Role, Names]
    content: Short = ""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Kinds of node that this grammar alone has, each with the kind in `syntax.toml` that means the same."""
    within: bool = False
    """Whether tests stand in the sources that they test, so that files of any name may hold some."""
    titled: bool = False
    called: bool = False

    def find(self, role: Role, clue: str) -> bool:
        """Return whether a clue has a name of a role."""
        return role in self.names and self.names[role].find(clue)

    def reads(self, path: str, text: str) -> bool:
        """Return whether a file is written in this way."""
        return self._files.search(path) is not None and self._content.search(text[:20_000]) is not None

    @cached_property
    def _files(self) -> re2._Regexp:
        return re2.compile(self.files)

    @cached_property
    def _content(self) -> re2._Regexp:
        return re2.compile(self.content)


def test_forms(beside: str) -> tuple[TestForms, ...]:
    """Return the forms of the `tests.toml` beside a module. Raises ValueError where one is not as it must be."""
    table = tomllib.loads(Path(beside).with_name("tests.toml").read_text(encoding="utf-8"))
    return tuple(TestForms.model_validate({**each, "names": table["names"]}) for each in table["forms"])
