"""What CI could do with a change before a person has seen it: what it would run, and what it hands to that.

A push to a branch of the repository is enough for CI to run its code, with the secrets of the repository. Everything
here follows from the base commit's own CI files and the bytes of the change; what cannot be read counts as given.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.reach import CiReach
from workers.guards.ci.called import Calls, called
from workers.guards.ci.given import Given, given
from workers.guards.ci.running import running
from workers.guards.edits import Examined
from workers.guards.found import Found

MOST = 12
"""Sentences about code that would run."""


def reach(change: Examined, found: Sequence[Found], files: Sequence[str], *, branch: str, into: str) -> CiReach:
    """Return what CI could do with a change that is pushed to `branch` and proposed for `into`.

    `files` are all paths of the base, `found` what the guards found. Never raises: what fails here counts as given.
    """
    try:
        handed = given(change.old, files, branch=branch, into=into)
        calls = called(change.old, files, handed.commands)
        because = tuple(running(change, found, calls))
    except Exception as error:  # whatever it is, nothing may be pushed as if it had been looked at
        why = f"What CI would run could not be worked out ({type(error).__name__})."
        return CiReach(because=(why,), also=("whatever your CI has",))
    return CiReach(because=because[:MOST], secrets=handed.secrets, also=handed.also)


__all__ = ["Calls", "Given", "reach"]
