"""JSON that a stranger's tool wrote: whole documents, lines of them, and values of whatever type in them.

Law: what is not of the shape that a tool documents is not counted; no value may break the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from workers.reports import BadReport, Reading
from workers.reports.tally import Tally

LARGEST = 24 << 20
_MOST_LINES = 50_000


def lines(text: str, most: int | None = None) -> Iterator[object]:
    """Yield the JSON values that stand on lines of their own; other lines (warnings, say) may stand around."""
    for line in text.splitlines()[:most]:
        if line.startswith(("{", "[")):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue


def documents(output: str) -> Iterator[object]:
    """Yield the JSON value that an output is, else those on its lines."""
    if len(output) > LARGEST:
        return
    try:
        yield json.loads(output)
    except RecursionError:
        return
    except ValueError:
        yield from lines(output, _MOST_LINES)


def objects(value: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a list; nothing where it is none."""
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def below(value: object, *path: str) -> object:
    """Return the value at a path of keys, None where there is none; "0" is the first object of a list."""
    for part in path:
        holder = next(objects(value), None) if part == "0" else value
        value = holder if part == "0" else holder.get(part) if isinstance(holder, dict) else None
    return value


def string(value: object) -> str:
    """Return a text as it is, "" for any other value."""
    return value if isinstance(value, str) else ""


def read(reports: Iterable[bytes], readers: Iterable[Callable[[object, Tally], str | None]]) -> Reading:
    """Return the tests of all reports together; each reader is asked whether a report is its tool's.

    A report that is many lines of objects reaches the readers as a tuple of them. Raises `BadReport`.
    """
    known = tuple(readers)
    tally = Tally()
    sources: dict[str, None] = {}
    for report in reports:
        content = _content(report)
        source = next((said for one in known if (said := one(content, tally))), None)
        if source is None:
            raise BadReport("A test report has no shape that is known.")
        sources[source] = None
    return tally.reading(" and ".join(sources) or "JSON report")


def _content(report: bytes) -> object:
    if len(report) > LARGEST:
        raise BadReport("A test report is larger than 24 MB.")
    text = report.decode("utf-8", "replace").strip()
    try:
        return json.loads(text)
    except RecursionError:
        raise BadReport("A test report is nested too deeply.") from None
    except ValueError:
        found = tuple(one for one in lines(text) if isinstance(one, dict))
        if not found:
            raise BadReport("A test report is not JSON.") from None
        return found
