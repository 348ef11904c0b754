"""What linters report as JSON: SARIF, ESLint, Ruff, Pyright, RuboCop, Biome, cargo, php-cs-fixer.

Law: only what a tool calls an error counts where it tells errors from warnings, since only errors fail a build.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from workers.reports import MOST_FINDINGS, Finding, cut

_LARGEST = 24 << 20
_MOST_DOCUMENTS = 50_000


def _documents(output: str) -> Iterator[Any]:
    """The JSON values in an output that is one, or that has some on lines of their own (warnings may stand around)."""
    if len(output) > _LARGEST:
        return
    try:
        yield json.loads(output)
        return
    except RecursionError:
        return
    except ValueError:
        pass
    for line in output.splitlines()[:_MOST_DOCUMENTS]:
        if line.startswith(("{", "[")):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _below(value: object, *path: str) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    return cut(" ".join(value[:2000].split())) if isinstance(value, str) else ""


def _line(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**8 else 0


def _own(value: object) -> str:
    path = unquote(value[:400]) if isinstance(value, str) and value.startswith("file:") else value
    text = path if isinstance(path, str) else ""
    return cut(text.removeprefix("file://").removeprefix("/workspace/").removeprefix("./"))


def _sarif(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or not isinstance(document.get("runs"), list):
        return None
    return (
        Finding(
            _own(_below(place, "artifactLocation", "uri")),
            _line(_below(place, "region", "startLine")),
            _text(result.get("ruleId")),
            _text(_below(result, "message", "text")),
        )
        for run in _objects(document["runs"])
        for result in _objects(run.get("results"))
        if result.get("level", "warning") in {"error", "warning"} and not result.get("suppressions")
        for place in [_below(next(_objects(result.get("locations")), None), "physicalLocation")]
    )


def _eslint(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, list) or not all(isinstance(one, dict) and "messages" in one for one in document):
        return None
    return (
        Finding(
            _own(one.get("filePath")),
            _line(message.get("line")),
            _text(message.get("ruleId")) or "parse",
            _text(message.get("message")),
        )
        for one in document
        for message in _objects(one["messages"])
        if message.get("severity") == 2 or message.get("fatal") is True
    )


def _ruff(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, list) or not all(isinstance(one, dict) and "filename" in one for one in document):
        return None
    return (
        Finding(
            _own(one.get("filename")),
            _line(_below(one, "location", "row")),
            _text(one.get("code")) or "parse",
            _text(one.get("message")),
        )
        for one in document
    )


def _pyright(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or not isinstance(document.get("generalDiagnostics"), list):
        return None
    return (
        Finding(
            _own(one.get("file")),
            _line(_below(one, "range", "start", "line")) + 1,
            _text(one.get("rule")),
            _text(one.get("message")),
        )
        for one in _objects(document["generalDiagnostics"])
        if one.get("severity") == "error"
    )


def _rubocop(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or not isinstance(document.get("files"), list):
        return None
    return (
        Finding(
            _own(one.get("path")),
            _line(_below(offense, "location", "start_line")),
            _text(offense.get("cop_name")),
            _text(offense.get("message")),
        )
        for one in _objects(document["files"])
        for offense in _objects(one.get("offenses"))
        if offense.get("corrected") is not True
    )


def _php(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or not isinstance(document.get("files"), list):
        return None
    return (Finding(_own(one.get("name")), 0, "format", "is not formatted") for one in _objects(document["files"]))


def _biome(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or not isinstance(document.get("diagnostics"), list):
        return None
    return (
        Finding(
            _own(_below(one, "location", "path", "file") or _below(one, "location", "path")),
            _line(_below(one, "location", "start", "line")),
            _text(one.get("category")),
            _text(one.get("description")) or _text(one.get("message")) or _text(one.get("category")),
        )
        for one in _objects(document["diagnostics"])
        if one.get("severity") in {"error", "fatal"}
    )


def _cargo(document: Any) -> Iterator[Finding] | None:
    if not isinstance(document, dict) or "reason" not in document:
        return None
    message = document.get("message")
    if document["reason"] != "compiler-message" or not isinstance(message, dict):
        return iter(())
    if message.get("level") not in {"error", "warning"}:
        return iter(())
    spans = [span for span in _objects(message.get("spans")) if span.get("is_primary") is True]
    return (
        Finding(
            _own(span.get("file_name")),
            _line(span.get("line_start")),
            _text(_below(message, "code", "code")),
            _text(message.get("message")),
        )
        for span in spans[:1]
    )


_SHAPES: dict[str, Callable[[Any], Iterator[Finding] | None]] = {
    "sarif": _sarif,
    "eslint": _eslint,
    "ruff": _ruff,
    "pyright": _pyright,
    "rubocop": _rubocop,
    "php-cs-fixer": _php,
    "biome": _biome,
    "cargo": _cargo,
}


def _reader(shape: Callable[[Any], Iterator[Finding] | None]) -> Callable[[str], tuple[Finding, ...] | None]:
    def read(output: str) -> tuple[Finding, ...] | None:
        if not output.strip():
            return ()
        kept: list[Finding] = []
        known = False
        for document in _documents(output):
            found = shape(document)
            if found is None:
                continue
            known = True
            for finding in found:
                kept.append(finding)
                if len(kept) >= MOST_FINDINGS:
                    return tuple(kept)
        return tuple(kept) if known else None

    return read


READERS = {name: _reader(shape) for name, shape in _SHAPES.items()}
