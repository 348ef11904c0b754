"""From runs to evidence: what counts against a change, what was so before it, and what no longer runs. Pure.

Law: a failure counts unless the same test failed on the base commit too, or passed when it was run again; what cannot
be told apart by name counts. Nothing is green unless exit status and counts agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.frozen import revised
from bot.domain.verdict import Counts, Evidence, Proof, Step, Verdict
from workers.checks import Plan
from workers.checks.complaint import complaint
from workers.checks.missing import PACKAGES
from workers.checks.suite import OUTPUT_BYTES, Suite, recognised

MOST_NAMED = 50
"""Names of tests that evidence keeps in each of its lists."""
UNHEARD = "With this change, a test that must fail is reported as passing. So its results can't be trusted."
_CASE = re.compile(r"(\[| with data set )|(?<=\.)(?:Test|Fuzz)\w*(/)")
_NOTHING_COLLECTED = 5  # pytest's own exit code for it


@dataclass(frozen=True)
class Base:
    """What the same command said on the base commit; `flaky` are tests that failed there and passed when run again."""

    suite: Suite
    flaky: tuple[str, ...] = ()

    def failed_names(self) -> dict[str, str]:
        """Return the tests that fail without the change, each time."""
        sometimes = {recognised(name) for name in self.flaky}
        return {key: name for key, name in self.suite.failed_names().items() if key not in sometimes}


def weigh(
    plan: Plan,
    subject: str,
    head: Suite | None,
    base: Base | None = None,
    flaky: Collection[str] = (),
    proof: Proof | None = None,
    steps: tuple[Step, ...] = (),
    unheard: bool = False,
) -> Evidence:
    """Return the evidence of the tree `subject`. `flaky` are the head's failures that passed when they were run
    again.

    `unheard`: a test that must fail was reported on the base, and is not on this tree.
    """
    if head is None:
        return Evidence(
            verdict=Verdict.RED if _wrong(steps) else Verdict.UNPROVEN,
            subject=subject,
            reasons=(*_wrong(steps), *((plan.why_not,) if plan.test is None and plan.why_not else ())),
            steps=steps,
        )
    verdict, reasons = judge(plan, head, base, flaky)
    green = verdict is Verdict.GREEN
    if wrong := (*((UNHEARD,) if unheard else ()), *_wrong(steps)):
        order = (reasons, wrong) if verdict is Verdict.RED else (wrong, reasons)
        verdict, reasons = Verdict.RED, (*order[0], *order[1])
    told = head.ended == "by itself" and head.absent is None and head.counted
    gone = lost(base.suite, head) if base and told else ()
    old = tuple(old_failures(head, base).values()) if told else ()
    return Evidence(
        verdict=verdict,
        subject=subject,
        counts=_corrected(head, flaky),
        reasons=(*reasons, *_notes(head, base, flaky, old if green else (), gone)),
        failing=tuple(new_failures(head, base, flaky).values())[:MOST_NAMED],
        command=plan.test or "",
        seconds=round(head.seconds, 3),
        base=base.suite.counts if base else None,
        old_failing=old[:MOST_NAMED],
        flaky=tuple(flaky)[:MOST_NAMED],
        unread=head.faults,
        lost=gone,
        proof=proof,
        steps=steps,
    )


def limited(evidence: Evidence, uncovered: tuple[str, ...], covers_any: bool) -> Evidence:
    """Return the evidence with what of the change the tests do not cover: green of the rest is not green of that.

    Where the tests cover no other source of the change (`covers_any`) and one of them fails without the change, it is
    the change that they test, in whatever language.
    """
    if not uncovered or evidence.verdict is not Verdict.GREEN:
        return evidence
    if not covers_any and evidence.proof is not None and evidence.proof.state == "proven":
        return evidence
    why = f"No tests were run for its {' and '.join(uncovered)}."
    return revised(evidence, verdict=Verdict.UNPROVEN, uncovered=uncovered, reasons=(why, *evidence.reasons))


def old_failures(head: Suite, base: Base | None) -> dict[str, str]:
    """Return the head's failing tests that fail without the change too: {how they are recognised: their names}."""
    before = base.failed_names() if base else {}
    return {key: name for key, name in head.failed_names().items() if key in before}


def new_failures(head: Suite, base: Base | None, flaky: Collection[str] = ()) -> dict[str, str]:
    """Return the head's failing tests that count against the change: {how they are recognised: their names}."""
    before = base.failed_names() if base else {}
    again = {recognised(name) for name in flaky}
    return {key: name for key, name in head.failed_names().items() if key not in before and key not in again}


def judge(
    plan: Plan, head: Suite, base: Base | None = None, flaky: Collection[str] = ()
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict by law, with its reasons as short sentences."""
    before = base.suite if base else None
    if head.ended == "cancelled":
        return Verdict.UNPROVEN, ("The checks were stopped.",)
    if head.ended != "by itself":
        what = f"took longer than {duration(plan.wall_seconds)}"
        if head.ended == "flooded":
            what = f"printed more than {OUTPUT_BYTES >> 20} MB"
        if before and before.ended == head.ended:
            return Verdict.UNPROVEN, (f"The checks {what}, before this change too.",)
        return Verdict.RED, (f"The checks {what}.",)
    if head.absent is not None:
        return Verdict.UNPROVEN, (_absent(head), *head.faults)
    if not head.counted:
        return _uncounted(head, before)
    if head.failed:
        return _failed(head, base, flaky)
    return _without_failures(head, before)


def _absent(head: Suite) -> str:
    if head.counts and head.counts.passed:
        return f"{_tests(head.counts.passed)} passed, but the checks also need {head.absent}, which is not here."
    if head.absent == PACKAGES:
        return "Its packages are not installed here."
    return f"The checks need {head.absent}, which the sandbox does not have."


def _uncounted(head: Suite, before: Suite | None) -> tuple[Verdict, tuple[str, ...]]:
    nothing = head.counts is not None and head.code in {0, _NOTHING_COLLECTED}
    if before and before.ran and (nothing or head.code == 0):
        return Verdict.RED, (f"No test ran; before this change {_tests(before.ran)} did.", *head.faults)
    if nothing:
        return Verdict.UNPROVEN, ("No test was found to run.", *head.faults)
    if head.code == 0:
        return Verdict.UNPROVEN, ("The command succeeded, but it reported no tests.", *head.faults)
    why = f": {said}" if (said := complaint(head.output)) else ""
    if before and before.ended == "by itself" and not before.counted and before.code not in {0, None}:
        return Verdict.UNPROVEN, (
            f"The checks can't run here, and couldn't before this change either (exit code {head.code}){why}.",
        )
    return Verdict.RED, (f"The command ended with exit code {head.code}{why}.", *head.faults)


def _failed(head: Suite, base: Base | None, flaky: Collection[str]) -> tuple[Verdict, tuple[str, ...]]:
    new, old = new_failures(head, base, flaky), old_failures(head, base)
    assert head.counts is not None
    if new or not head.names_failures:
        if not new and base and head.failed <= base.suite.failed:
            return Verdict.UNPROVEN, (f"{_failures(head)}, before this change {base.suite.failed}.", *head.faults)
        few = f"{_failures(head)}, {len(old)} of them before this change too." if old else f"{_failures(head)}."
        as_if = ("The command reported success all the same.",) if head.code == 0 else ()
        return Verdict.RED, (few, *as_if, *head.faults)
    if old and head.counts.passed == 0:
        return Verdict.UNPROVEN, (f"{_failures(head)}, before this change too, and none passed.", *head.faults)
    if old and base and head.code != base.suite.code:
        return Verdict.RED, (
            f"The command ended with exit code {head.code}, before this change with {base.suite.code}.",
            *head.faults,
        )
    if head.code == 0:
        return Verdict.UNPROVEN, ("Tests fail, but the command reports success.", *head.faults)
    if head.faults:
        return Verdict.UNPROVEN, head.faults
    return Verdict.GREEN, (_passed(_corrected(head, flaky)),)


def _without_failures(head: Suite, before: Suite | None) -> tuple[Verdict, tuple[str, ...]]:
    assert head.counts is not None
    if head.code != 0:
        if before and before.counted and not before.failed and before.code == head.code:
            said = f"No test failed, but the command ends with exit code {head.code}, before this change too."
            return Verdict.UNPROVEN, (said, *head.faults)
        return Verdict.RED, (f"No counted test failed, but the command ended with exit code {head.code}.", *head.faults)
    if head.counts.passed == 0:
        return Verdict.UNPROVEN, ("Every test was skipped.", *head.faults)
    faults = head.faults
    if before and before.code == 0 and set(before.sources) - set(head.sources):
        faults = (*faults, "The tests report in another way than before this change.")
    if faults:
        return Verdict.UNPROVEN, faults
    return Verdict.GREEN, (_passed(head.counts),)


def lost(before: Suite, head: Suite) -> tuple[str, ...]:
    """Return tests that passed on the base and no longer run, by name; where no name tells, one phrase with a
    number.

    A test with parameters is not lost while as many of its cases run as before: their names change with the values.
    """
    if before.names_all() and head.names_all():
        ran_before, runs = before.in_state("passed", "failed"), head.in_state("passed", "failed")
        room = Counter(map(_function, runs))
        room.subtract(map(_function, ran_before))
        passed = before.in_state("passed")
        gone = [
            name
            for key, name in passed.items()
            if key not in runs and (not _CASE.search(key) or room[_function(key)] < 0)
        ]
        if gone:
            return tuple(sorted(gone)[:MOST_NAMED])
    fewer = before.ran - head.ran
    return (f"{_tests(fewer)} without a name of {'its' if fewer == 1 else 'their'} own",) if fewer > 0 else ()


def _function(name: str) -> str:
    """Return the test of which this is one case: "test_a[1]", "TestA/one" of Go, "testA with data set #1" of
    PHPUnit.
    """
    found = _CASE.search(name)
    return name[: max(found.start(1), found.start(2))] if found else name


def _notes(
    head: Suite, base: Base | None, flaky: Collection[str], old: tuple[str, ...], gone: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what a person should know besides the verdict."""
    told = []
    if old:
        told.append(f"{_tests(len(old))} failed before this change too.")
    if flaky:
        told.append(f"{_tests(len(flaky))} failed once and passed when run again.")
    if gone:
        count = before - head.ran if base and (before := base.suite.ran) > head.ran else len(gone)
        told.append(f"{_tests(count)} that ran before this change no longer {'runs' if count == 1 else 'run'}.")
    return tuple(told)


def _corrected(head: Suite, flaky: Collection[str]) -> Counts:
    """Return the counts, with what passed when run again among the passed."""
    counts = head.counts or Counts()
    again = min(len(flaky), counts.failed)
    return Counts(passed=counts.passed + again, failed=counts.failed - again, skipped=counts.skipped)


def _wrong(steps: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(f"{step.name}: {step.summary}" for step in steps if step.state == "failed")


def duration(seconds: float) -> str:
    """Return a time limit such as "15 minutes"."""
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"


def _failures(head: Suite) -> str:
    return f"{head.failed} of {head.counts.total if head.counts else head.failed} tests failed"


def _passed(counts: Counts) -> str:
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    return f"{_tests(counts.passed)} passed{skipped}."


def _tests(count: int) -> str:
    return f"{count} test{'' if count == 1 else 's'}"
