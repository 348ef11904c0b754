"""Decide which checks of a commit hold its merge, which make it red, and which prove it green.

A check counts by who reported it: the same name from another app is another check. GitHub says which checks it
requires; where it requires none, those count that finished on the base commit too. Only green of such a reporter is
green, and only red that is new, or required, is red: everything else is named on the card and decides nothing.

Law: pure, and no number or state here comes from a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from bot.domain.frozen import Frozen, revised
from bot.domain.verdict import Counts

State = Literal["expected", "absent", "waiting", "running", "person", "passed", "failed", "skipped"]
"""`expected`: not begun yet; `absent`: never began; `person`: cancelled, stale, or waiting for a person's approval."""

UNFINISHED = frozenset({"expected", "waiting", "running"})
BEGINS_WITHIN = 300.0
"""Seconds after a push in which a check that is expected may begin."""

Key = tuple[str, str, str]
"""Kind, who reported it, and its name."""


class CiRun(Frozen):
    """One check run or status of a commit. `state` is ours; names, urls and who reported it are outside text."""

    name: str
    state: State
    url: str = ""
    summary: str = ""
    by: str = ""
    """The slug of the app that reported it, or the login of who set the status."""
    kind: Literal["check", "status"] = "check"
    required: bool = False
    """GitHub does not merge without it."""
    before: State | Literal[""] = ""
    """The state of the same check, by the same app, on the base commit; empty where it has none."""
    own: bool = False
    """A status that a person set on their own change: it proves nothing."""


class CiReading(Frozen):
    """All CI of one commit at one moment. `none` means that the repository has no CI for it, and `unproven` that
    nothing that counts said yes.
    """

    sha: str
    state: Literal["none", "pending", "green", "red", "unproven"]
    runs: tuple[CiRun, ...] = ()
    counts: Counts = Counts()
    complete: bool = True
    """Every list was read to its end."""
    requires: bool = False
    """GitHub requires checks here; where it does not, those count that the base commit has too."""

    @property
    def passed(self) -> int:
        """Return how many runs succeeded."""
        return sum(run.state == "passed" for run in self.runs)

    @property
    def skipped(self) -> int:
        """Return how many runs ended without having looked at anything: they hinder nobody, and prove nothing."""
        return sum(run.state == "skipped" for run in self.runs)


class Objection(Frozen):
    """A review that asks for changes and still stands. `by` is a login: outside text."""

    id: str
    by: str


def key(run: CiRun) -> Key:
    """Return what makes two runs the same check."""
    return (run.kind, run.by, run.name)


def compared(runs: Iterable[CiRun], base: Mapping[Key, State], likely: Iterable[Key]) -> tuple[CiRun, ...]:
    """Return the runs of a head, with how each ended on the base; and `likely` ones of the base, where the app that
    reports them has said nothing about this head so far.
    """
    found = tuple(revised(run, before=base.get(key(run), "")) for run in runs)
    spoke = {(run.kind, run.by) for run in found}
    silent = [it for it in likely if it[:2] not in spoke and base[it] not in UNFINISHED]
    return (*found, *(_expected(it, base[it]) for it in silent))


def _expected(which: Key, before: State) -> CiRun:
    kind: Literal["check", "status"] = "check" if which[0] == "check" else "status"
    return CiRun(kind=kind, by=which[1], name=which[2], state="expected", before=before)


def weighed(reading: CiReading) -> CiReading:
    """Return the reading with the state that its runs and counts give it."""
    return revised(reading, state=_state(reading))


def settled(reading: CiReading, waited: float) -> CiReading:
    """Return the reading `waited` seconds after the push: what has not begun by then never will."""
    if waited < BEGINS_WITHIN:
        return reading
    late = tuple(revised(run, state="absent") if run.state == "expected" else run for run in reading.runs)
    return weighed(revised(reading, runs=late)) if late != reading.runs else reading


def holding(reading: CiReading) -> tuple[CiRun, ...]:
    """Return the runs that a merge waits for."""
    return tuple(run for run in reading.runs if run.state in UNFINISHED and _holds(reading, run))


def blocking(reading: CiReading) -> tuple[CiRun, ...]:
    """Return the red runs past which nobody merges: required ones, and those that were green on the base."""
    return tuple(run for run in reading.runs if run.state == "failed" and (run.required or run.before == "passed"))


def failing(reading: CiReading) -> tuple[CiRun, ...]:
    """Return the red runs that go back to the agent; in a repository of which nothing is known, every one."""
    if not _unknown(reading):
        return blocking(reading)
    return tuple(run for run in reading.runs if run.state == "failed")


def named(reading: CiReading) -> tuple[CiRun, ...]:
    """Return what did not end well and decides nothing: the card names it all the same."""
    decides = {*holding(reading), *failing(reading)}
    return tuple(run for run in reading.runs if run.state not in {"passed", "skipped"} and run not in decides)


def proving(reading: CiReading) -> tuple[CiRun, ...]:
    """Return the green runs of reporters who count."""
    unknown = _unknown(reading)
    return tuple(
        run for run in reading.runs if run.state == "passed" and not run.own and (run.required or run.before or unknown)
    )


def unmet(reading: CiReading) -> tuple[CiRun, ...]:
    """Return required checks that ended, or never began, without a yes: GitHub won't merge until a person acts."""
    return tuple(run for run in reading.runs if run.required and run.state in {"absent", "person", "failed"})


def _unknown(reading: CiReading) -> bool:
    """Return whether neither GitHub nor the base commit says which checks count: then those of every app do."""
    return not reading.requires and not any(run.before for run in reading.runs)


def _holds(reading: CiReading, run: CiRun) -> bool:
    if reading.requires:
        return run.required
    # Anyone sets a status, and it may wait for a person without end; a check run is an app's, which is at work.
    return run.kind == "check" if _unknown(reading) else bool(run.before)


def _state(reading: CiReading) -> Literal["none", "pending", "green", "red", "unproven"]:
    if holding(reading):
        return "pending"  # red only once all have ended, so that one fix can address every failure
    if failing(reading) or reading.counts.failed:
        return "red"
    if not reading.runs and reading.complete:
        return "none"
    missing = [run for run in reading.runs if run.required and run.state not in {"passed", "skipped"}]
    return "green" if proving(reading) and reading.complete and not missing else "unproven"
