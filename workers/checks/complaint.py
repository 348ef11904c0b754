"""Why a run never got to its tests, in the words of the tool that ended it. Pure.

Law: it explains a verdict and makes none. What is quoted is outside text, one short line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers.reports import cut, plain

LONGEST = 200
_LOOKED_AT = 200_000
_ROOT = re.compile(r"(?:file://)?/workspace/|(?:^|(?<=\s))(?:\.\./){2,}")
_TASK = re.compile(r"^(?::\w+)+(?=/workspace/)")
"""What Gradle puts before a compiler's words without a new line."""

_RUSTC = re.compile(r"^error(?:\[E\d{1,5}\])?: (?!could not compile|aborting due|build failed|test failed)(\S.*)$")
_RUSTC_PLACE = re.compile(r"^ *--> (\S+?:\d+)(?::\d+)?$")
_CMAKE = re.compile(r"^CMake Error at (\S+?:\d+)\b")
_PLACED = (
    re.compile(
        r"^(?:e: )?(\S+?:\d+)(?::\d+)?:? (?:fatal )?(?:error|ERROR): (\S.*)$"
    ),  # gcc, clang, javac, swiftc, Meson
    re.compile(r"^e: (\S+?:\d+):\d+:? (\S.*)$"),  # kotlinc
    re.compile(r"^\[ERROR\] (\S+?:\[\d+),\d+\] (\S.*)$"),  # Maven's compiler
    re.compile(r"^(\S+?\(\d+),\d+\): error (\S.*)$"),  # the compilers of .NET
)
_SAID = (
    re.compile(r"(undefined reference to \S.*)$"),
    re.compile(r"(The forked VM terminated without .*)$"),  # Surefire
    re.compile(r"^configure: error: (\S.*)$"),
    re.compile(r"\*\* \(\w+\) (\S.*)$"),  # Mix and Elixir
    re.compile(r"(?:^|: )(\S+\.rb:\d+: syntax error.*?)(?: \(SyntaxError\))?$"),
    re.compile(r"^(?:\S+\.rb:\d+:in .*?': )(\S.*? \([A-Z]\w*(?:::\w+)*\))$"),  # any other error of Ruby
    re.compile(r"^(?:PHP )?(?:Parse|Fatal) error: +(\S.*)$"),
    re.compile(r"^(syntax error, \S.*)$"),
    re.compile(r"^(?:\w+: )?(?:\[ERROR\] |error: |Error: |fatal: |FATAL: |ERROR: )(\S.*)$"),
    re.compile(r"^((?:[A-Z]\w*[.:\\]+)*[A-Z]\w*(?:Error|Exception): \S.*)$"),
    re.compile(r"^g?make(?:\[\d+\])?: \*\*\* (\S.*)$"),
)


def complaint(output: str) -> str:
    """Return the line of an output that says the most about why nothing ran, "" where none is known; no full stop ends
    it.
    """
    lines = [_TASK.sub("", line[:500]) for line in plain(output[-_LOOKED_AT:]).splitlines()]
    found = _compiler(lines) or next((said for form in _SAID if (said := _first(form, lines))), "")
    return cut(_ROOT.sub("", found.strip()), LONGEST).rstrip(".:")


def _compiler(lines: Sequence[str]) -> str:
    """Return the first complaint that has a place in the sources."""
    for at, line in enumerate(lines):
        if found := _RUSTC.match(line):
            place = _RUSTC_PLACE.match(lines[at + 1]) if at + 1 < len(lines) else None
            return f"{place[1]}: {found[1]}" if place else found[1]
        if found := _CMAKE.match(line):
            said = " ".join(words.strip() for words in lines[at + 1 : at + 6] if words.startswith(" "))
            return f"{found[1]}: {said}"
        for form in _PLACED:
            if found := form.match(line):
                return f"{found[1].replace(':[', ':').replace('(', ':')}: {found[2]}"
    return ""


def _first(form: re.Pattern[str], lines: Sequence[str]) -> str:
    return next((found[1] for line in lines if (found := form.search(line))), "")
