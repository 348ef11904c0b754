"""Where settings come from: the environment, a `.env` file, and a file per secret (`NAME_FILE`).

Law: nothing here judges a value. An empty string counts as unset, the environment beats `.env`, and every problem is
collected, so that a person can fix all of them in one go.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

_SECRET_FILE_BYTES = 64 * 1024
ENV_FILE = "SHIPMATE_ENV_FILE"


@dataclass(frozen=True)
class Problem:
    """One wrong setting: its name, what is wrong with it, and how to fix it. Never holds a secret's value.

    `missing`: nothing that is set is wrong; `shipmate` fills in such a setting.
    """

    name: str
    what: str
    fix: str
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.what}\n    -> {self.fix}"


class SettingsInvalid(Exception):
    """Says that some settings are wrong; `problems` has every one of them, in the order of their names."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.name))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def env_file_for_parts() -> Path:
    """Return the file of settings of this process: `.env`, or the one that `shipmate` named when it started it."""
    return Path(os.environ.get(ENV_FILE) or ".env")


def merged(environ: Mapping[str, str], path: Path | None, problems: list[Problem]) -> dict[str, str]:
    """Return what the file of settings says, and over it the environment."""
    if path is None or not path.is_file():
        return {**environ}
    try:
        said = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as fault:
        problems.append(Problem(str(path), f"cannot be read ({_plain(fault)})", "Make it a readable UTF-8 text file."))
        return {**environ}
    return {**{name: value for name, value in said.items() if value is not None}, **environ}


def read_values(
    names: Collection[str], secrets: Collection[str], environ: Mapping[str, str], env_file: Path | None
) -> tuple[dict[str, str], list[Problem]]:
    """Return the set values among `names`, and what could not be read.

    `secrets` may also be given as NAME_FILE, the path of a file that holds the value (a final line break is dropped).
    """
    problems: list[Problem] = []
    known = {*names, *(f"{name}_FILE" for name in secrets)}
    every = merged(environ, env_file, problems)
    given = {name: every[name].strip() for name in known if every.get(name, "").strip()}
    values = {name: given[name] for name in names if name in given}
    for name in secrets:
        pointer = given.get(f"{name}_FILE")
        if pointer is None:
            continue
        if name in values:
            problems.append(Problem(name, f"both {name} and {name}_FILE are set", "Keep one of the two."))
            continue
        text = _secret_file(name, Path(pointer), problems)
        if text is not None:
            values[name] = text
    return values, problems


def _secret_file(name: str, path: Path, problems: list[Problem]) -> str | None:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_SECRET_FILE_BYTES + 1)
        if len(raw) > _SECRET_FILE_BYTES:
            raise ValueError("it is larger than 64 KiB")
        text = raw.decode().strip()
        if not text:
            raise ValueError("it is empty")
    except (OSError, ValueError) as fault:
        problems.append(
            Problem(
                f"{name}_FILE", f"{path} cannot be used ({_plain(fault)})", f"Put the value of {name} into that file."
            )
        )
        return None
    return text


def _plain(fault: Exception) -> str:
    if isinstance(fault, UnicodeDecodeError):
        return "it is not UTF-8 text"
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    return str(fault)
