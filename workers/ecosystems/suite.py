"""Tests as a reader of source finds them, whatever the language; and how they look, as a folder's `tests.toml` says.

Law: a test is its name and what it asserts; where it stands and how it is laid out does not matter.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import re2
from pydantic import Field

from workers.ecosystems.forms import Form, Short, Table, encoded

Role = Literal[
    "functions", "calls", "groups", "marked", "unmarked", "skips", "focuses", "asserts", "fails", "held", "fences",
    "exact", "weak", "promised",
]  # fmt: skip


@dataclass(frozen=True)
class Assertion:
    """One assertion in normalised words. `strength` is 3 for an exact value, 0 for what is always true."""

    words: str
    subject: str
    strength: int


@dataclass(frozen=True)
class Test:
    """One test. `skips` counts what keeps it from running, `rows` are its cases where they are written out.

    `group` is a block of tests (`describe`): it has no assertions of its own and its going is not a test's. `helper` is
    a function beside tests that asserts for them: nobody runs it by itself. `fences` counts conditions around the whole
    file or block (build tags, `#if`); `free` are the words of assertions that no condition guards.
    """

    path: str
    name: str
    lines: tuple[str, ...]
    assertions: tuple[Assertion, ...] = ()
    skips: int = 0
    focused: bool = False
    rows: tuple[str, ...] = ()
    blunted: str = ""
    """Why its assertions cannot fail, in words; empty where they can."""
    group: bool = False
    helper: bool = False
    fences: int = 0
    free: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """What the skips ask, in words; titles and reasons are nothing."""

    @property
    def short(self) -> str:
        """Return the name without its class or group."""
        return self.name.rsplit(".", 1)[-1]

    def alike(self, other: Test) -> float:
        """Return the share of lines that two tests have in common, 0 to 1."""
        larger = max(1, len(self.lines), len(other.lines))
        if min(len(self.lines), len(other.lines)) * 4 < larger:
            return 0.0
        return (self.bag & other.bag).total() / larger

    @cached_property
    def bag(self) -> Counter[str]:
        """Return the lines, counted."""
        return Counter(self.lines)


class TestForms(Table):
    """How tests look in files whose path `files` matches and, where it is given, whose text `content` matches.

    A name is a form over one short clue, such as `it.skip(`, `@Disabled("later")` or `TestSum(`, that is found in a
    syntax tree, so that no pattern has to know where a comment or a string ends. Of `names`, `functions` are heads of
    functions that are tests; where there are names for `marked`, one of these must stand before such a function, unless
    its head is one of `unmarked`. `calls` are calls with a title and a body, `groups` calls around tests. `fails` are
    assertions whose arguments say nothing, `held` calls whose arguments may never run, `fences` notes outside of tests
    that keep all tests of the file from running. `exact` and `weak` find, in an assertion's words, that it asks for one
    value or for hardly anything; `promised`, that it counts only where the test waits for it. With `titled` a
    string that has a body is a test; with `called` a test runs only where something else in the file names it.
    """

    __test__ = False

    grammar: str
    """Module and function of tree-sitter's grammar; only the process that reads tests loads it."""
    files: Short
    names: dict[Role, Form]
    content: Short = ""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Kinds of node that this grammar alone has, each with the kind in `syntax.toml` that means the same."""
    within: str = ""
    """Where tests stand in the sources that they test: a word without which a source holds none."""
    titled: bool = False
    called: bool = False

    def find(self, role: Role, clue: str) -> bool:
        """Return whether a clue has a name of a role."""
        return role in self.names and self.names[role].matches(clue)

    def reads(self, path: str, text: str) -> bool:
        """Return whether a file is written in this way."""
        return self._files.search(encoded(path)) is not None and (
            not self.content or self._content.search(encoded(text[:20_000])) is not None
        )

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
