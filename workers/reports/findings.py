"""What linters, formatters and type checkers write, read by a description of their form; and the forms of no one tool.

Law: a line that is not of the tool's form is no finding, and text without any such line is in no known format. Where a
tool tells errors from warnings only errors count, since only they fail a build.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from workers.reports import MOST_FINDINGS, ROOT, Finder, Finding, cut, split_lines
from workers.reports.documents import below, documents, objects

Read = Callable[[str], tuple[Finding, ...] | None]

PLACE = r"(?P<path>[^\s:(][^:(\n]{0,399}?)"
"""A path at the beginning of a line, up to a colon or a bracket."""
_CODE = re.compile(r"^(?:(?P<kind>error|warning|note|info|hint): )?(?P<rule>[A-Z]{1,5}\d{2,5})[: ]\s*(?P<rest>.*)$")
_LAST_CODE = re.compile(r"^(?P<rest>.*\S)\s+[\[(](?P<rule>[\w./@-]{2,60})[\])]$")


def by_line(read: Callable[[list[str]], Iterable[Finding]]) -> Read:
    """Return a reader that is given the lines of an output, each cut; an empty output is no finding."""

    def reader(output: str) -> tuple[Finding, ...] | None:
        if not output.strip():
            return ()
        found = read([line[:2000] for line in split_lines(output)])
        return tuple(islice(found, MOST_FINDINGS)) or None

    return reader


def lines(*patterns: str) -> Read:
    """Return a reader of a finding a line, by patterns with the groups `path`, `line`, `rule` and `message`."""
    forms = [re.compile(pattern) for pattern in patterns]
    return by_line(lambda every: (_finding(found) for line in every if (found := _first(forms, line))))


def _finding(found: re.Match[str]) -> Finding:
    parts = {key: value or "" for key, value in found.groupdict().items()}
    line = int(parts.get("line") or 0)
    return Finding(own_path(parts.get("path", "")), line, parts.get("rule", ""), cut(parts["message"]))


def unformatted(*patterns: str) -> Read:
    """Return a reader of the files that a formatter would change, each in the first group of a pattern."""
    forms = [re.compile(pattern) for pattern in patterns]

    def read(every: list[str]) -> Iterable[Finding]:
        paths = dict.fromkeys(found[1] for line in every if (found := _first(forms, line)))
        return (Finding(own_path(path), 0, "format", "is not formatted") for path in paths if path != "/dev/null")

    return by_line(read)


def _first(forms: Iterable[re.Pattern[str]], line: str) -> re.Match[str] | None:
    return next((found for form in forms if (found := form.match(line))), None)


def from_json(shape: Callable[[object], Iterable[Finding] | None]) -> Read:
    """Return a reader of the JSON documents in an output; `shape` returns None for one that is another tool's."""

    def reader(output: str) -> tuple[Finding, ...] | None:
        if not output.strip():
            return ()
        known = [found for document in documents(output) if (found := shape(document)) is not None]
        return tuple(islice((one for found in known for one in found), MOST_FINDINGS)) if known else None

    return reader


@dataclass(frozen=True)
class Shape:
    """Describe a linter's JSON: where its findings stand, and where in each of them the parts.

    `items` are the keys of lists within lists, outermost first ("" where the document is a list itself); what an outer
    object says holds for its inner ones too. Parts are keys joined by dots, in order of preference. `marker` is a key
    that every object of the outermost list has. `counts` says which are errors.
    """

    items: tuple[str, ...]
    path: tuple[str, ...]
    line: str = ""
    rule: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    marker: str = ""
    counts: Callable[[Mapping[str, object]], bool] = lambda _: True
    unnamed: str = ""
    """The rule of a finding that names none."""
    from_zero: bool = False

    def __call__(self, document: object) -> Iterator[Finding] | None:
        """Return the findings of a document, None where it is another tool's."""
        outer = self.items[0]
        every = document if not outer else document.get(outer) if isinstance(document, dict) else None
        if not isinstance(every, list):
            return None
        if self.marker and not all(isinstance(one, dict) and self.marker in one for one in every):
            return None
        found: Iterable[Mapping[str, object]] = objects(every)
        for key in self.items[1:]:
            found = _inner(found, key)
        return (self._finding(one) for one in found if self.counts(one))

    def _finding(self, one: Mapping[str, object]) -> Finding:
        def first(keys: tuple[str, ...], otherwise: str = "") -> str:
            return next((said for key in keys if (said := words(below(one, *key.split("."))))), otherwise)

        return Finding(
            own_path(first(self.path)),
            number(below(one, *self.line.split("."))) + self.from_zero,
            first(self.rule, self.unnamed),
            first(self.message, "" if self.message else "is not formatted"),
        )


def _inner(outer: Iterable[Mapping[str, object]], key: str) -> Iterator[Mapping[str, object]]:
    return ({**above, **one} for above in outer for one in objects(above.get(key)))


def own_path(text: str) -> str:
    """Return a path relative to the repository's root, cut."""
    bare = unquote(text[:400]) if text.startswith("file:") else text.strip()
    return cut(bare.removeprefix("file://").removeprefix(ROOT).removeprefix("./"))


def words(value: object) -> str:
    """Return a text of one line, cut; "" for any other value."""
    return cut(" ".join(value[:2000].split())) if isinstance(value, str) else ""


def number(value: object) -> int:
    """Return the number of a line, 0 for any other value."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**8 else 0


_PLACED = re.compile(rf"^(?:vet: | {{2}})?{PLACE}:(?P<line>\d{{1,8}}):(?:\d{{1,8}}:)? ?(?P<message>\S.*)$")


def _placed(every: list[str]) -> Iterable[Finding]:
    for line in every:
        if found := _PLACED.match(line):
            message, rule = found["message"], ""
            if (code := _CODE.match(message)) or (code := _LAST_CODE.match(message)):
                message, rule = code["rest"], code["rule"]
            if not message.startswith("note: "):
                yield Finding(own_path(found["path"]), int(found["line"]), cut(rule), cut(message.removeprefix("[*] ")))


_SARIF = Shape(
    ("runs", "results"),
    path=("locations.0.physicalLocation.artifactLocation.uri",),
    line="locations.0.physicalLocation.region.startLine",
    rule=("ruleId",),
    message=("message.text",),
    counts=lambda one: one.get("level", "warning") in {"error", "warning"} and not one.get("suppressions"),
)

SHARED: Mapping[str, Finder] = {
    "sarif": Finder(from_json(_SARIF), "first"),
    "lines": Finder(by_line(_placed), "first"),
    "reformat": Finder(
        unformatted(
            r"^(?:would reformat|Would reformat:|Changed) (\S.*)$",
            r"^ERROR: (.+?) Imports are ",
            r"^ *--> (\S.*?):\d+:\d+$",
        ),
        "last",
    ),
    "diff": Finder(unformatted(r"^--- (?:a/)?(\S.*?)(?:\t.*)?$")),
    "paths": Finder(unformatted(r"^([^\s:][^:]*)$")),
}
"""Forms that tools of several languages write."""
