"""Checks of every setting against what it points to, one file per service.

Law: a check changes nothing that lasts, never raises, and says of everything that is not fine how to mend it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and, where it is not fine, how to mend it."""

    level: Level
    subject: str
    says: str
    mend: str = ""


def ok(subject: str, says: str) -> Finding:
    return Finding("ok", subject, says)


def warn(subject: str, says: str, mend: str) -> Finding:
    return Finding("warn", subject, says, mend)


def fail(subject: str, says: str, mend: str) -> Finding:
    return Finding("fail", subject, says, mend)
