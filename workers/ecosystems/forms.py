"""Forms: what a line, a path or a text looks like, as a handful of short named patterns out of a table.

Linear by construction: google-re2 compiles every pattern, so no text takes more time than its length asks for, and
look-around and references back are refused. Strangers write what is read here: never give it to `re` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

import re2
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

LONGEST = 199
"""Characters of one pattern."""
_OPTIONS, _QUICK = re2.Options(), re2.Options()
for _each in (_OPTIONS, _QUICK):
    _each.log_errors, _each.max_mem = False, 64 << 20
_QUICK.never_capture = True
Short = Annotated[str, Field(max_length=LONGEST)]


class Table(BaseModel):
    """A part of a table; a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(Table):
    """One pattern. `not_followed_by` is what may not begin where a match ends."""

    form: Short
    not_followed_by: Short = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a pattern matched, and which. `groups` are its named groups, "" where one took no part."""

    pattern: str
    start: int
    end: int
    text: str
    groups: Mapping[str, str] = field(default_factory=dict)


def _one(value: object) -> object:
    return {"form": value} if isinstance(value, str) else value


def _named(value: object) -> object:
    """Return patterns by names; those of a list are named by their places."""
    return {str(at): one for at, one in enumerate(value)} if isinstance(value, list) else value


class Form(Table):
    """A union of patterns, and what narrows it.

    `unless` excuses a text that a pattern matches. `all` and `any` are names of other forms, or "not " and a name: the
    same text must have all of them, and where there are no patterns one of `any`. With `after` the patterns count only
    in the rest of the text, read from its beginning (`^`), behind what that other form matches. `case = false` makes
    large and small letters alike. `^` and `$` are the ends of a line.
    """

    patterns: Annotated[dict[str, Annotated[Pattern, BeforeValidator(_one)]], BeforeValidator(_named)] = {}
    unless: tuple[Short, ...] = ()
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    after: str = ""
    case: bool = True
    hits: tuple[str, ...]
    misses: tuple[str, ...]

    @model_validator(mode="after")
    def _proved(self) -> Form:
        if not self.patterns and not self.any and not self.all:
            raise ValueError("a form needs patterns, or other forms")
        if not self.hits or not self.misses:
            raise ValueError("a form needs hits and misses")
        return self

    def matches(self, text: str) -> bool:
        """Return whether a text is of this form."""
        if self._alone is None:
            return self.search(text) is not None
        raw = encoded(text)
        return self._alone.search(raw) is not None and not any(one.search(raw) for one in self._unless)

    def search(self, text: str) -> Hit | None:
        """Return the first hit of the first pattern that has one."""
        return next(self.every(text), None)

    def every(self, text: str) -> Iterator[Hit]:
        """Yield the hits of every pattern, pattern by pattern."""
        text = _plain(text)
        if not self.possible(text.encode()) or not self._narrowed(text):
            return
        if not self.patterns:
            yield Hit("", 0, len(text), text)
        elif self.after:
            for start in sorted({hit.end for hit in FORMS[self.after].every(text)}):
                for hit in self._own(text[start:]):
                    yield Hit(hit.pattern, start + hit.start, start + hit.end, hit.text, hit.groups)
        else:
            yield from self._own(text)

    def among(self, texts: list[str]) -> list[int]:
        """Return the places of those texts that are of this form; cheap where none is."""
        if not self.possible(encoded("\n".join(texts))):
            return []
        return [at for at, text in enumerate(texts) if self.matches(text)]

    def possible(self, text: bytes) -> bool:
        """Return False where no line of a text is of this form; True says nothing yet. Costs one pass."""
        if self.after:
            return FORMS[self.after].possible(text)
        return self._quick is None or self._quick.search(text) is not None

    def _narrowed(self, text: str) -> bool:
        return (
            all(has(name, text) for name in self.all)
            and (bool(self.patterns) or not self.any or any(has(name, text) for name in self.any))
            and not any(one.search(text) for one in self._unless)
        )

    def _own(self, text: str) -> Iterator[Hit]:
        for name, pattern, behind in self._compiled:
            for one in pattern.finditer(text):
                if behind is None or not behind.match(text[one.end() :]):
                    groups = {key: value or "" for key, value in one.groupdict().items()}
                    yield Hit(name, one.start(), one.end(), one.group(), groups)

    @cached_property
    def _compiled(self) -> tuple[tuple[str, re2._Regexp, re2._Regexp | None], ...]:
        return tuple(
            (name, self._compile(one.form), self._compile(one.not_followed_by) if one.not_followed_by else None)
            for name, one in self.patterns.items()
        )

    @cached_property
    def _unless(self) -> tuple[re2._Regexp, ...]:
        return tuple(map(self._compile, self.unless))

    @cached_property
    def _alone(self) -> re2._Regexp | None:
        """Return the union of the patterns where that says everything, else None."""
        more = self.all or self.any or self.after or any(one.not_followed_by for one in self.patterns.values())
        return None if more else self._quick

    @cached_property
    def _quick(self) -> re2._Regexp | None:
        union = "|".join(f"(?:{one.form})" for one in self.patterns.values())
        return re2.compile(f"{self._flags}{union}", _QUICK) if union else None

    def _compile(self, pattern: str) -> re2._Regexp:
        return re2.compile(f"{self._flags}{pattern}", _OPTIONS)

    @property
    def _flags(self) -> str:
        return "(?m)" if self.case else "(?mi)"


FORMS: dict[str, Form] = {}
"""Every form of the guards' tables by its name; `workers.guards.rules` fills it."""


def encoded(text: str) -> bytes:
    """Return a text as `possible` reads it; what is no character is a question mark."""
    return text.encode("utf-8", "replace")


def _plain(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return encoded(text).decode()
    return text


def has(name: str, text: str) -> bool:
    """Return whether a text is of a form, or is not where the name begins with "not "."""
    other = name.removeprefix("not ")
    return FORMS[other].matches(text) is (other == name)
