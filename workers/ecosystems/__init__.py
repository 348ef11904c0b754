"""What Shipmate knows of each language, one folder a language.

An `Ecosystem` is a value whose parts are optional; `registry.py` lists them all, and all that differs by language
iterates over that list. Adding a language, or fixing one, touches its folder and one line of the registry.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ecosystem:
    """One language with its tools. `name` is what plans and records say, `label` what people read."""

    name: str
    label: str
