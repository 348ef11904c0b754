"""Run a parsed query over types: check it first, then read, and collect the errors of single fields beside the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .language import Query, Refused, Selected, Variable

Doc = dict[str, Any]
MOST = 100
_LEAVES = frozenset({"Int", "String", "Boolean", "ID", "URI", "DateTime", "GitObjectID", "Enum"})


class FieldError(Exception):
    """One field cannot be read: it becomes null, and an error stands beside the data."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


@dataclass(frozen=True)
class Field:
    """A field: its `type`, how it is read, and the arguments it takes (a type that ends in `!` must be given).

    `type` is a leaf, a type of the schema, `[Type]`, or `Connection:Type` for a list in pages.
    """

    type: str
    read: Callable[[Any, Any, Doc], Any]
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """`types` by name; `members` are the types behind a union or an interface."""

    types: Mapping[str, Mapping[str, Field]]
    members: Mapping[str, tuple[str, ...]]
    type_of: Callable[[Any], str]
    """Return the type of a value behind a union or an interface."""


_PAGES = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
_CONNECTION = ("nodes", "totalCount", "pageInfo")
_PAGE_INFO = ("hasNextPage", "endCursor")


def run(schema: Schema, query: Query, variables: Mapping[str, Any], context: Any) -> Doc:
    """Return GitHub's answer: `data`, and `errors` where fields could not be read. Raises `Refused`."""
    for name, kind in query.variables.items():
        if kind.endswith("!") and variables.get(name) is None:
            raise Refused(
                f"Variable ${name} of type {kind} was provided invalid value", "variableNotGiven", (f"${name}",)
            )
    _check(schema, "Query", query.inner, query, (f"query {query.name}".strip(),))
    errors: list[Doc] = []
    data = _Reader(schema, variables, context, errors).object("Query", None, query.inner, ())
    return {"data": data, **({"errors": errors} if errors else {})}


def _check(schema: Schema, kind: str, selected: tuple[Selected, ...], query: Query, path: tuple[str, ...]) -> None:
    known = schema.types.get(kind, {})
    for one in selected:
        if one.on:
            if one.on != kind and one.on not in schema.members.get(kind, ()):
                raise Refused(f"Fragment on {one.on} can't be spread inside {kind}", "cannotSpreadFragment", path)
            _check(schema, one.on, one.inner, query, path)
            continue
        here = (*path, one.alias)
        if one.name == "__typename":
            continue
        found = known.get(one.name)
        if found is None:
            raise Refused(f"Field '{one.name}' doesn't exist on type '{kind}'", "undefinedField", here)
        _check_arguments(one, found, query, here)
        _check_inner(schema, one, found, query, here)


def _check_arguments(one: Selected, found: Field, query: Query, path: tuple[str, ...]) -> None:
    paged = found.type.startswith("Connection:")
    takes = {**found.arguments, **(_PAGES if paged else {})}
    for argument, value in one.arguments.items():
        if argument not in takes:
            message = f"Field '{one.name}' doesn't accept argument '{argument}'"
            raise Refused(message, "argumentNotAccepted", path)
        if isinstance(value, Variable) and value.name not in query.variables:
            raise Refused(f"Variable ${value.name} is used but not declared", "variableNotDefined", path)
    for argument, wanted in takes.items():
        if wanted.endswith("!") and argument not in one.arguments:
            message = f"Field '{one.name}' is missing required arguments: {argument}"
            raise Refused(message, "missingRequiredArguments", path)
    if paged and not {"first", "last"} & one.arguments.keys():
        message = f"You must provide a `first` or `last` value to properly paginate the `{one.name}` connection."
        raise Refused(message, "MISSING_PAGINATION_BOUNDARIES", path)


def _check_inner(schema: Schema, one: Selected, found: Field, query: Query, path: tuple[str, ...]) -> None:
    inner_type = found.type.strip("[]").removeprefix("Connection:")
    if inner_type in _LEAVES:
        if one.inner:
            raise Refused(f"Selections can't be made on scalars (field '{one.name}')", "selectionMismatch", path)
        return
    if not one.inner:
        message = f"Field must have selections (field '{one.name}' returns {inner_type} but has no selections.)"
        raise Refused(message, "selectionMismatch", path)
    if not found.type.startswith("Connection:"):
        _check(schema, inner_type, one.inner, query, path)
        return
    for part in one.inner:
        if part.name not in _CONNECTION:
            raise Refused(f"Field '{part.name}' doesn't exist on a connection here", "undefinedField", path)
        if part.name == "nodes":
            _check(schema, inner_type, part.inner, query, (*path, "nodes"))
        if part.name == "pageInfo" and any(it.name not in _PAGE_INFO for it in part.inner):
            raise Refused("Field doesn't exist on type 'PageInfo'", "undefinedField", path)


@dataclass
class _Reader:
    schema: Schema
    variables: Mapping[str, Any]
    context: Any
    errors: list[Doc]

    def object(self, kind: str, value: Any, selected: tuple[Selected, ...], path: tuple[str | int, ...]) -> Doc:
        made: Doc = {}
        for one in selected:
            if one.on:
                made |= self.object(kind, value, one.inner, path) if one.on == kind else {}
            elif one.name == "__typename":
                made[one.alias] = kind
            else:
                made[one.alias] = self._field(self.schema.types[kind][one.name], value, one, (*path, one.alias))
        return made

    def _field(self, known: Field, value: Any, one: Selected, path: tuple[str | int, ...]) -> Any:
        given = {name: self._value(it) for name, it in one.arguments.items()}
        try:
            found = known.read(self.context, value, given)
            if known.type.startswith("Connection:"):
                return self._page(known, found, one, given, path)
        except FieldError as wrong:
            self.errors.append({"type": wrong.kind, "path": list(path), "message": wrong.message})
            return None
        inner = known.type.strip("[]")
        if found is None or inner in _LEAVES:
            return found
        if known.type.startswith("["):
            return [self._named(inner, it, one.inner, (*path, n)) for n, it in enumerate(found)]
        return self._named(inner, found, one.inner, path)

    def _named(self, kind: str, value: Any, selected: tuple[Selected, ...], path: tuple[str | int, ...]) -> Any:
        kind = self.schema.type_of(value) if kind in self.schema.members else kind
        return self.object(kind, value, selected, path)

    def _value(self, given: Any) -> Any:
        return self.variables.get(given.name) if isinstance(given, Variable) else given

    def _page(self, known: Field, found: Any, one: Selected, given: Doc, path: tuple[str | int, ...]) -> Any:
        if found is None:
            return None
        first, last = given.get("first"), given.get("last")
        wanted = int(first if first is not None else last or 0)
        if wanted > MOST:
            which = "first" if first is not None else "last"
            message = (
                f"Requesting {wanted} records on the `{one.name}` connection exceeds the `{which}` limit of 100 "
                "records."
            )
            raise FieldError("EXCESSIVE_PAGINATION", message)
        start = int(given.get("after") or 0) if first is not None else max(0, len(found) - wanted)
        shown = found[start : start + wanted]
        end = start + len(shown)
        kind = known.type.removeprefix("Connection:")
        made: Doc = {}
        for part in one.inner:
            if part.name == "totalCount":
                made[part.alias] = len(found)
            elif part.name == "pageInfo":
                page = {"hasNextPage": end < len(found), "endCursor": str(end) if shown else None}
                made[part.alias] = {it.alias: page[it.name] for it in part.inner}
            else:
                nodes = [self._named(kind, it, part.inner, (*path, "nodes", n)) for n, it in enumerate(shown)]
                made[part.alias] = nodes
        return made
