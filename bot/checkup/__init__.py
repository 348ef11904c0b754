"""The bot's checks of itself: its settings against what they point to, one file per service.

`python -m bot.checkup` runs them, `python -m workers.checkup` the workers' own, and `shipmate doctor` both.

Law: a check changes nothing that lasts, never raises, and says of everything that is not fine how to fix it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]
Checks = Mapping[str, Callable[[], "list[Diagnosis]"]]
"""Checks by a name that is the same in every role, so that one that two roles share runs once."""


@dataclass(frozen=True)
class Diagnosis:
    """One line: what was looked at, how it is, and, where it is not fine, how to fix it."""

    level: Level
    subject: str
    says: str
    fix: str = ""


def ok(subject: str, says: str) -> Diagnosis:
    return Diagnosis("ok", subject, says)


def warn(subject: str, says: str, fix: str) -> Diagnosis:
    return Diagnosis("warn", subject, says, fix)


def fail(subject: str, says: str, fix: str) -> Diagnosis:
    return Diagnosis("fail", subject, says, fix)
