"""What linters, formatters and type checkers print as text, one finding a line.

Law: a line that is not of the tool's form is no finding, and text without any such line is nobody's format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from workers.reports import MOST_FINDINGS, Finding, cut, split_lines

Read = Callable[[str], tuple[Finding, ...] | None]

_PLACE = r"(?P<path>[^\s:(][^:(\n]{0,399}?)"
_LINES = re.compile(rf"^(?:vet: | {{2}})?{_PLACE}:(?P<line>\d{{1,8}}):(?:\d{{1,8}}:)? ?(?P<message>\S.*)$")
_CODE = re.compile(r"^(?:(?P<kind>error|warning|note|info|hint): )?(?P<rule>[A-Z]{1,5}\d{2,5})[: ]\s*(?P<rest>.*)$")
_LAST_CODE = re.compile(r"^(?P<rest>.*\S)\s+[\[(](?P<rule>[\w./@-]{2,60})[\])]$")
_MYPY = re.compile(
    rf"^{_PLACE}:(?P<line>\d{{1,8}}):(?:\d{{1,8}}:)?(?:\d+:\d+:)? error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?$"
)
_MYPY_FILE = re.compile(rf"^{_PLACE}: error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?$")
_TSC = re.compile(rf"^{_PLACE}\((?P<line>\d{{1,8}}),\d{{1,8}}\): error (?P<rule>TS\d+): (?P<message>.*)$")
_TSC_ALL = re.compile(r"^error (?P<rule>TS\d+): (?P<message>.*)$")
_STYLISH_FILE = re.compile(r"^(?P<path>(?:/|\w:|\.{0,2}[\w@-])[^\n]{0,399})$")
_STYLISH = re.compile(r"^\s+(?P<line>\d{1,8}):\d{1,8}\s+error\s+(?P<message>.*?)(?:\s{2,}(?P<rule>[\w@/.-]+))?$")
_ANALYZE = re.compile(
    r"^(ERROR|WARNING|INFO)\|([A-Z_]*)\|([A-Z0-9_]+)\|((?:[^|\\]|\\.){1,400})\|(\d+)\|\d+\|\d+\|(.*)$"
)
_REFORMAT = re.compile(
    r"^(?:would reformat|Would reformat:|Changed) (\S.*)$|^ERROR: (.+?) Imports are |^ *--> (\S.*?):\d+:\d+$"
)
_PRETTIER = re.compile(r"^\[(?:warn|error)\] (?!Code style|All matched)(\S.*?)(?:: SyntaxError.*)?$")
_DIFF = re.compile(r"^--- (?:a/)?(\S.*?)(?:\t.*)?$")
_RUSTFMT = re.compile(r"^Diff in (?P<path>.+?)(?::(?P<line>\d+):| at line (?P<other>\d+):)$")
_MIX = re.compile(r"^  \* (\S+\.(?:exs?|heex|leex))$")


def _own(path: str) -> str:
    return cut(path.strip().removeprefix("/workspace/").removeprefix("./"))


def _all(found: Iterable[Finding]) -> tuple[Finding, ...] | None:
    """At most `MOST_FINDINGS` of them; None where there is none."""
    kept: list[Finding] = []
    for finding in found:
        kept.append(finding)
        if len(kept) >= MOST_FINDINGS:
            break
    return tuple(kept) or None


def _told(read: Callable[[list[str]], Iterable[Finding]]) -> Read:
    return lambda output: () if not output.strip() else _all(read([line[:2000] for line in split_lines(output)]))


def _lines(lines: list[str]) -> Iterable[Finding]:
    for line in lines:
        if found := _LINES.match(line):
            message, rule = found["message"], ""
            if (code := _CODE.match(message)) or (code := _LAST_CODE.match(message)):
                message, rule = code["rest"], code["rule"]
            if not message.startswith("note: "):
                message = message.removeprefix("[*] ")
                yield Finding(_own(found["path"]), int(found["line"]), cut(rule), cut(message))


def _mypy(lines: list[str]) -> Iterable[Finding]:
    for line in lines:
        if found := _MYPY.match(line):
            yield Finding(_own(found["path"]), int(found["line"]), found["rule"] or "", cut(found["message"]))
        elif found := _MYPY_FILE.match(line):
            yield Finding(_own(found["path"]), 0, found["rule"] or "", cut(found["message"]))


def _tsc(lines: list[str]) -> Iterable[Finding]:
    for line in lines:
        if found := _TSC.match(line):
            yield Finding(_own(found["path"]), int(found["line"]), found["rule"], cut(found["message"]))
        elif found := _TSC_ALL.match(line):
            yield Finding("", 0, found["rule"], cut(found["message"]))


def _stylish(lines: list[str]) -> Iterable[Finding]:
    path = ""
    for line in lines:
        if path and (found := _STYLISH.match(line)):
            yield Finding(_own(path), int(found["line"]), found["rule"] or "", cut(found["message"]))
        elif found := _STYLISH_FILE.match(line):
            path = found["path"]


def _analyze(lines: list[str]) -> Iterable[Finding]:
    for line in lines:
        if (found := _ANALYZE.match(line)) and found[1] != "INFO":
            path = re.sub(r"\\(.)", r"\1", found[4])
            yield Finding(_own(path), int(found[5][:8]), found[3].lower(), cut(found[6]))


def _format(pattern: re.Pattern[str]) -> Callable[[list[str]], Iterable[Finding]]:
    """Findings of a formatter: a file is or is not as it wants it."""

    def read(lines: list[str]) -> Iterable[Finding]:
        for path in dict.fromkeys(
            next(group for group in found.groups() if group) for line in lines if (found := pattern.match(line))
        ):
            if path != "/dev/null":
                yield Finding(_own(path), 0, "format", "is not formatted")

    return read


def _rustfmt(lines: list[str]) -> Iterable[Finding]:
    paths = dict.fromkeys(found["path"] for line in lines if (found := _RUSTFMT.match(line)))
    yield from (Finding(_own(path), 0, "format", "is not formatted") for path in paths)


def _paths(lines: list[str]) -> Iterable[Finding]:
    yield from (
        Finding(_own(line), 0, "format", "is not formatted") for line in lines if re.fullmatch(r"[^\s:][^:]*", line)
    )


READERS: dict[str, Read] = {
    "lines": _told(_lines),
    "mypy": _told(_mypy),
    "tsc": _told(_tsc),
    "stylish": _told(_stylish),
    "dart-analyze": _told(_analyze),
    "reformat": _told(_format(_REFORMAT)),
    "prettier": _told(_format(_PRETTIER)),
    "diff": _told(_format(_DIFF)),
    "mix-format": _told(_format(_MIX)),
    "rustfmt": _told(_rustfmt),
    "paths": _told(_paths),
}
