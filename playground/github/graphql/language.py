"""The part of GraphQL that a client needs to ask one question: fields, aliases, arguments, variables, `... on Type`.

Law: a query is checked against the types before anything is read, as GitHub does. Fragments by name and directives are
refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\s+|,|#[^\n]*|(\.\.\.|[{}():$!=\[\]]|"(?:[^"\\]|\\.)*"|-?\d+|[A-Za-z_]\w*)')


class Refused(Exception):
    """The whole query is refused before it is run: `code` and `path` are GitHub's."""

    def __init__(self, message: str, code: str = "parseError", path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.code, self.path = message, code, path


@dataclass(frozen=True)
class Variable:
    """A `$name` where a value belongs."""

    name: str


@dataclass(frozen=True)
class Selected:
    """One field of a selection, or (`on`) a selection that holds for one type only."""

    name: str = ""
    alias: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inner: tuple[Selected, ...] = ()
    on: str = ""


@dataclass(frozen=True)
class Query:
    """A parsed query. `variables` maps each declared name to its type."""

    name: str
    variables: Mapping[str, str]
    inner: tuple[Selected, ...]


def parse(text: str) -> Query:
    """Return the one query of a document. Raises `Refused`."""
    reader = _Reader(text)
    reader.expect("query")
    name = "" if reader.next_is("(") or reader.next_is("{") else reader.take()
    variables: dict[str, str] = {}
    if reader.accept("("):
        while not reader.accept(")"):
            reader.expect("$")
            variable = reader.take()
            reader.expect(":")
            variables[variable] = reader.take() + ("!" if reader.accept("!") else "")
            if reader.accept("="):
                reader.value()
    inner = reader.selection()
    reader.end()
    return Query(name, variables, inner)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def next_is(self, token: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == token

    def take(self) -> str:
        if self._at == len(self._tokens):
            raise Refused("Unexpected end of document")
        self._at += 1
        return self._tokens[self._at - 1]

    def accept(self, token: str) -> bool:
        if not self.next_is(token):
            return False
        self._at += 1
        return True

    def expect(self, token: str) -> None:
        if (found := self.take()) != token:
            raise Refused(f'Expected "{token}", actual: "{found}"')

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise Refused(f'Expected one query, actual: "{self.take()}"')

    def value(self) -> Any:
        word = self.take()
        if word[0] == "$":
            return Variable(self.take())
        if word in {"true", "false", "null"} or word[0] == '"' or word.lstrip("-").isdigit():
            return json.loads(word)
        if word.isidentifier():
            return word
        raise Refused(f'Expected a value, actual: "{word}"')

    def selection(self) -> tuple[Selected, ...]:
        self.expect("{")
        found: list[Selected] = []
        while not self.accept("}"):
            found.append(self._spread() if self.accept("...") else self._field())
        return tuple(found)

    def _spread(self) -> Selected:
        self.expect("on")
        return Selected(on=self.take(), inner=self.selection())

    def _field(self) -> Selected:
        name = alias = self.take()
        if self.accept(":"):
            name = self.take()
        arguments: dict[str, Any] = {}
        if self.accept("("):
            while not self.accept(")"):
                argument = self.take()
                self.expect(":")
                arguments[argument] = self.value()
        inner = self.selection() if self.next_is("{") else ()
        return Selected(name, alias, arguments, inner)


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Refused(f'Parse error on "{text[at]}"')
        at = found.end()
        if found[1]:
            yield found[1]
