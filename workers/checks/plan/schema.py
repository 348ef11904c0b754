"""The keys of `.shipmate.toml`: their types, what each must look like, and where in the file a mistake stands. Pure.

Law: what is not known is refused with its line. A misspelt key must not silently change the checks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice

from workers.ecosystems.facts import POLICY
from workers.formats import toml

MOST_MINUTES = 120.0
_LARGEST = 16 << 10
_MOST_ITEMS = 200
_MOST_MISTAKES = 50
_SHORTEST_VALUE = 8
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:[1-9][0-9]{0,4})?")
_NUMBERS = re.compile(r"[\d.]+(:\d+)?")
_PROGRAM = re.compile(r"[\w.+-]{1,60}")

COMMAND, COMMAND_OR_NOT, PATTERNS, MINUTES, PROGRAMS, FILES, FOLDER, FOLDERS, YES, HOSTS, YES_OR_FOLDERS, VALUES = (
    range(12)
)
KEYS: Mapping[str, Mapping[str, int]] = {
    "checks": {
        "test": COMMAND,
        "test_changed": COMMAND,
        "lint": COMMAND_OR_NOT,
        "format": COMMAND_OR_NOT,
        "types": COMMAND_OR_NOT,
        "reports": PATTERNS,
        "minutes": MINUTES,
        "needs": PROGRAMS,
    },
    "build": {"command": COMMAND, "output": FOLDER},
    "setup": {"command": COMMAND, "inputs": FILES, "minutes": MINUTES},
    "workspace": {"sparse": FOLDERS, "partial": YES, "lfs": YES, "submodules": YES_OR_FOLDERS},
    "network": {"hosts": HOSTS},
    "secrets": {"allow": VALUES},
}
_SAID = {
    COMMAND: 'a command in quotes, like "make test"',
    COMMAND_OR_NOT: 'a command in quotes, like "ruff check .", or false',
    PATTERNS: 'a list of patterns, like ["reports/*.xml"]',
    MINUTES: "a number",
    PROGRAMS: 'a list of programs, like ["node", "make"]',
    FILES: 'a list of files, like ["tools/install.sh"]',
    FOLDER: 'a folder in quotes, like "dist"',
    FOLDERS: 'a list of folders, like ["services/api"]',
    YES: "true or false",
    YES_OR_FOLDERS: 'true, false or a list of folders, like ["vendor/lib"]',
    VALUES: 'a list of values, or of "sha256:" and their digests',
    HOSTS: 'a list of host names, like ["api.example.com"]',
}


class PolicyError(Exception):
    """`.shipmate.toml` cannot be used; `line` counts from 1 (0: the file as a whole), `message` is a sentence.

    `others` are further mistakes, in the order of their lines.
    """

    def __init__(self, line: int, message: str, others: Sequence[PolicyError] = ()) -> None:
        super().__init__(f"{POLICY}{f', line {line}' if line else ''}: {message}")
        self.line = line
        self.message = message
        self.others = tuple(others)


def parse(written: bytes) -> Mapping[str, Mapping[str, object]]:
    """Return the sections of a policy file, every value as the schema wants it. Raises `PolicyError`, with all
    mistakes.
    """
    if len(written) >= _LARGEST:
        raise PolicyError(0, "The file is too large.")
    try:
        text = written.decode("utf-8")
        policy = toml.loads(text)
    except UnicodeDecodeError:
        raise PolicyError(0, "The file is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        raise PolicyError(int(found[1]) if found else 0, f"This is not TOML: {str(error).split(' (at')[0]}.") from None
    except (RecursionError, ValueError):
        raise PolicyError(0, "The file is nested too deeply, or holds a number that is too large.") from None
    mistakes = sorted(islice(_mistakes(policy, text), _MOST_MISTAKES))
    if mistakes:
        (line, message), *others = mistakes
        raise PolicyError(line, message, [PolicyError(*one) for one in others])
    return policy


def _mistakes(policy: Mapping[str, object], text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, sentence) of each."""
    for section, content in policy.items():
        if section not in KEYS:
            told = f"There is no section [{section[:100]}]; {_near(section, KEYS)}known are {', '.join(KEYS)}."
            yield _line(text, section), told
            continue
        if not isinstance(content, dict):
            yield _line(text, section), f"`{section}` must be a section: write [{section}]."
            continue
        known = KEYS[section]
        for key, value in content.items():
            if key not in known:
                told = f"[{section}] has no key `{key[:100]}`; {_near(key, known)}known are {', '.join(known)}."
                yield _line(text, section, key), told
            elif wrong := _wrong(key, known[key], value):
                yield _line(text, section, key), wrong


def _near(word: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(word[:100], known, 1)
    return f"did you mean `{close[0]}`? " if close else ""


def _wrong(key: str, kind: int, value: object) -> str:
    """Return what is wrong with a value, as a sentence, or ""."""
    if kind == YES_OR_FOLDERS and isinstance(value, bool):
        return ""
    if kind == YES:
        return "" if isinstance(value, bool) else f"`{key}` must be {_SAID[kind]}."
    if kind == MINUTES:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"`{key}` must be {_SAID[kind]}."
        return "" if 0 < value <= MOST_MINUTES else f"`{key}` must be more than 0 and at most {MOST_MINUTES:g}."
    if kind in {COMMAND, COMMAND_OR_NOT}:
        if kind == COMMAND_OR_NOT and value is False:
            return ""
        return _wrong_command(key, kind, value)
    if kind == FOLDER:
        return _wrong_item(key, kind, value)
    if not isinstance(value, list):
        return f"`{key}` must be {_SAID[kind]}."
    if len(value) > _MOST_ITEMS:
        return f"`{key}` must not name more than {_MOST_ITEMS}."
    return next((wrong for item in value if (wrong := _wrong_item(key, kind, item))), "")


def _wrong_command(key: str, kind: int, value: object) -> str:
    if not isinstance(value, str):
        return f"`{key}` must be {_SAID[kind]}."
    if not value.strip():
        return f"`{key}` is empty."
    if "\0" in value:
        return f"`{key}` must not hold a NUL character."
    if key != "test_changed" and "{files}" in value:
        return f"`{key}` must not hold {{files}}; only `test_changed` is given files."
    return ""


def _wrong_item(key: str, kind: int, item: object) -> str:
    if not isinstance(item, str) or not item:
        return f"`{key}` must be {_SAID[kind]}."
    if "\0" in item:
        return f"`{key}` must not hold a NUL character."
    if kind == HOSTS:
        if not _HOST.fullmatch(item) or _NUMBERS.fullmatch(item):
            return f"`{key}` must be exact names in lower case, like api.example.com or api.example.com:8443."
        return ""
    if kind == VALUES:
        return "" if len(item) >= _SHORTEST_VALUE else f"`{key}` must hold values of at least 8 characters."
    if kind == PROGRAMS:
        return "" if _PROGRAM.fullmatch(item) else f"`{key}` must be {_SAID[kind]}."
    if item.startswith("/") or ".." in item.split("/"):
        return f"`{key}` must stay inside the repository."
    return ""


def _line(text: str, section: str, key: str = "") -> int:
    """Return the line of a key within its section, or of the section; as near as the text shows it."""
    header = re.compile(rf"^\s*\[+\s*[\"']?{re.escape(section)}[\"']?\s*(\.|\])")
    plain = re.compile(rf"^\s*[\"']?{re.escape(section)}[\"']?\s*[.=]")
    wanted = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[.=]")
    at_section, inside = 0, False
    for at, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[", line):
            inside = bool(header.match(line))
        here = header.match(line) or plain.match(line)
        if here and not at_section:
            at_section = at
        if key and inside and wanted.match(line):
            return at
    return at_section
