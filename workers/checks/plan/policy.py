"""What to run for a repository: its own `.shipmate.toml`, else what its files show. Pure.

Law: the plan is made from the base commit, never from the tree that the agent wrote, so that a change cannot choose
its own examiner.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from workers.checks import Plan
from workers.checks.plan.detect import POLICY, Read, detect

_MOST_MINUTES = 120.0
_LARGEST = 16 << 10
_KEYS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "checks": {"test": str, "reports": list, "minutes": (int, float)},
    "build": {"command": str, "output": str},
    "setup": {"command": str, "inputs": list, "minutes": (int, float)},
}


class PolicyError(Exception):
    """`.shipmate.toml` cannot be used; `line` counts from 1 (0: the file as a whole), `message` is a sentence."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"{POLICY}{f', line {line}' if line else ''}: {message}")
        self.line = line
        self.message = message


def plan(read: Read, files: Sequence[str]) -> Plan:
    """The plan for a repository with these `files`, of which `read` gives the bytes. Raises `PolicyError`."""
    written = read(POLICY) if POLICY in files else None
    detected = detect(read, files)
    if written is None:
        return detected
    return _from_policy(written, detected)


def _from_policy(written: bytes, detected: Plan) -> Plan:
    if len(written) >= _LARGEST:
        raise PolicyError(0, "The file is too large.")
    try:
        text = written.decode("utf-8")
        policy = tomllib.loads(text)
    except UnicodeDecodeError:
        raise PolicyError(0, "The file is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        raise PolicyError(int(found[1]) if found else 0, f"This is not TOML: {str(error).split(' (at')[0]}.") from None
    except (RecursionError, ValueError):
        raise PolicyError(0, "The file is nested too deeply, or holds a number that is too large.") from None
    _validate(policy, text)
    checks = policy.get("checks", {})
    build = policy.get("build", {})
    if "test" not in checks:
        return Plan(
            detected.source,
            detected.test,
            tuple(checks.get("reports", detected.reports)),
            detected.why_not,
            _seconds(checks, detected.wall_seconds),
            build.get("command"),
            build.get("output"),
        )
    return Plan(
        POLICY,
        checks["test"],
        tuple(checks.get("reports", ())),
        "",
        _seconds(checks, 900.0),
        build.get("command"),
        build.get("output"),
    )


def _seconds(checks: Mapping[str, object], otherwise: float) -> float:
    minutes = checks.get("minutes")
    return float(minutes) * 60 if isinstance(minutes, (int, float)) else otherwise


def _validate(policy: Mapping[str, object], text: str) -> None:
    """Refuse what we do not know, with the line it stands on: a misspelt key must not silently change the checks."""
    for section, content in policy.items():
        if section not in _KEYS:
            raise PolicyError(_line(text, section), f"There is no section [{section}]; known are {_list(_KEYS)}.")
        if not isinstance(content, dict):
            raise PolicyError(_line(text, section), f"`{section}` must be a section: write [{section}].")
        for key, value in content.items():
            line = _line(text, key)
            known = _KEYS[section]
            if key not in known:
                raise PolicyError(line, f"[{section}] has no key `{key}`; known are {_list(known)}.")
            if not isinstance(value, known[key]) or isinstance(value, bool):
                raise PolicyError(line, f"`{key}` must be {_SAID[key]}.")
            _validate_value(key, value, line)


_SAID = {
    "test": 'a command in quotes, like "pytest -q"',
    "reports": 'a list of patterns, like ["reports/*.xml"]',
    "minutes": "a number",
    "command": 'a command in quotes, like "npm run build"',
    "inputs": 'a list of files, like ["tools/install.sh"]',
    "output": 'a folder in quotes, like "dist"',
}


def _validate_value(key: str, value: object, line: int) -> None:
    if key in {"test", "command"} and not str(value).strip():
        raise PolicyError(line, f"`{key}` is empty.")
    if isinstance(value, str) and "\0" in value:
        raise PolicyError(line, f"`{key}` must not hold a NUL character.")
    if key == "minutes" and isinstance(value, (int, float)) and not 0 < value <= _MOST_MINUTES:
        raise PolicyError(line, f"`minutes` must be more than 0 and at most {_MOST_MINUTES:g}.")
    patterns = value if isinstance(value, list) else [value] if key == "output" else []
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern:
            raise PolicyError(line, f"`{key}` must be {_SAID[key]}.")
        if "\0" in pattern:
            raise PolicyError(line, f"`{key}` must not hold a NUL character.")
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise PolicyError(line, f"`{key}` must stay inside the repository.")


def _line(text: str, word: str) -> int:
    pattern = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(word)}\b")
    return next((at for at, line in enumerate(text.splitlines(), 1) if pattern.search(line)), 0)


def _list(words: Mapping[str, object]) -> str:
    return ", ".join(words)
