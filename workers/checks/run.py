"""Running a plan in the sandbox and reading what came of it.

Law: exit status and counts must agree before anything is green, and what cannot be counted proves nothing. Reports are
removed before the run and read inside the sandbox after it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path

from bot.domain.verdict import Counts, Evidence, Verdict
from workers.checks import Outcome, Plan
from workers.checks.feedback import feedback
from workers.checks.missing import missing
from workers.checks.plan import REPORTS
from workers.checks.readers import Failing, Reading, junit, node_text, pytest_text, unittest_text
from workers.sandbox import Limits, Ran, Session

__all__ = ["feedback", "judge", "run_checks"]

_OUTPUT_BYTES = 8 << 20
_REPORT_BYTES = 24 << 20
_MOST_REPORTS = 500
_MOST_FAILING = 50
_TEXT_READERS = (pytest_text.read, unittest_text.read, node_text.read)


def run_checks(
    plan: Plan, session: Session, workspace: Path, subject: str, cancelled: Callable[[], bool] = lambda: False
) -> Outcome:
    """Run the plan's test command on the session's workspace and judge it; the evidence speaks of `subject` (a sha).

    `workspace` is the host's folder of that session; nothing in it is opened from here.
    """
    del workspace
    if plan.test is None:
        return Outcome(Evidence(verdict=Verdict.UNPROVEN, subject=subject, reasons=(plan.why_not,)), "")
    cleaned = session.run(_clean(plan), limits=Limits(wall_seconds=60), cancelled=cancelled)
    try:
        limits = Limits(wall_seconds=plan.wall_seconds, output_bytes=_OUTPUT_BYTES)
        ran = session.run(plan.test, limits=limits, cancelled=cancelled)
        reports = [] if ran.cancelled else _reports(plan, session, cancelled)
    finally:
        session.run(f"rm -rf -- {REPORTS}", limits=Limits(wall_seconds=60))
    reading, faults = _read(reports, ran.output)
    if plan.reports and not reports and ran.exit_code == 0:
        # Whoever can print can print "5 passed": where a report was promised, its absence speaks.
        faults = (*faults, "The test report that the checks should write was not there.")
    if cleaned.exit_code != 0:
        faults = (*faults, "What an earlier run had left could not be removed.")
    absent = missing(ran.output, session) if ran.exit_code and not (reading and reading.counts.passed) else None
    verdict, reasons = judge(plan, ran, reading, faults, absent)
    failing = reading.failing if reading else ()
    evidence = Evidence(
        verdict=verdict,
        subject=subject,
        counts=reading.counts if reading else Counts(),
        reasons=reasons,
        failing=tuple(failure.name for failure in failing[:_MOST_FAILING]),
        command=plan.test,
        seconds=round(ran.seconds, 3),
    )
    return Outcome(evidence, ran.output, tuple((failure.name, failure.message) for failure in failing[:_MOST_FAILING]))


def judge(
    plan: Plan, ran: Ran, reading: Reading | None, faults: tuple[str, ...] = (), absent: str | None = None
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict by law, with its reasons as short sentences. Pure.

    `absent` names something that the suite needed and the sandbox lacks, given only where no test passed: then
    nothing was proven either way, and no edit could mend it.
    """
    if ran.cancelled:
        return Verdict.UNPROVEN, ("The checks were stopped.",)
    if ran.timed_out:
        return Verdict.RED, (f"The checks took longer than {_duration(plan.wall_seconds)}.",)
    if ran.flooded:
        return Verdict.RED, (f"The checks printed more than {_OUTPUT_BYTES >> 20} MB.",)
    code = ran.exit_code
    if absent is not None:
        return Verdict.UNPROVEN, (f"The checks need {absent}, which the sandbox does not have.", *faults)
    if reading is None or reading.counts.total == 0:
        return _uncounted(ran, reading, faults)
    counts = reading.counts
    if counts.failed:
        reasons = [f"{counts.failed} of {counts.total} tests failed."]
        if code == 0:
            reasons.append("The command ended as if all were well.")
        return Verdict.RED, (*reasons, *faults)
    if code != 0:
        return Verdict.RED, (f"No counted test failed, but the command ended with exit code {code}.", *faults)
    if counts.passed == 0:
        return Verdict.UNPROVEN, ("Every test was skipped.", *faults)
    if faults:
        return Verdict.UNPROVEN, faults
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    return Verdict.GREEN, (f"{counts.passed} test{'s' if counts.passed != 1 else ''} passed{skipped}.",)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"


def _uncounted(ran: Ran, reading: Reading | None, faults: tuple[str, ...]) -> tuple[Verdict, tuple[str, ...]]:
    # pytest has an exit code of its own for "nothing was collected"
    if reading is not None and ran.exit_code in {0, 5}:
        return Verdict.UNPROVEN, ("No test was found to run.", *faults)
    if ran.exit_code != 0:
        return Verdict.RED, (f"The command ended with exit code {ran.exit_code}.", *faults)
    return Verdict.UNPROVEN, ("The command ended well, but it reported no tests that can be counted.", *faults)


def _read(reports: list[bytes], output: str) -> tuple[Reading | None, tuple[str, ...]]:
    """What the reports say, or where there are none the output; and what is wrong with either."""
    texts = [reading for reader in _TEXT_READERS if (reading := reader(output)) is not None]
    text = _sum(texts) if texts else None
    if not reports:
        return text, ()
    try:
        reading = junit.read(reports)
    except junit.BadReport as error:
        return text, (str(error),)
    if text is not None and text.counts.failed and not reading.counts.failed:
        return text, ("The report and the output disagree.",)
    return reading, ()


def _sum(readings: list[Reading]) -> Reading:
    counts = Counts(
        passed=sum(reading.counts.passed for reading in readings),
        failed=sum(reading.counts.failed for reading in readings),
        skipped=sum(reading.counts.skipped for reading in readings),
    )
    failing: list[Failing] = [failure for reading in readings for failure in reading.failing]
    return Reading(" and ".join(reading.source for reading in readings), counts, tuple(failing))


def _glob(pattern: str) -> str:
    """A report pattern as a bash word in which only `*`, `?` and `[...]` keep a meaning."""
    return re.sub(r"([^\w./*?\[\]-])", r"\\\1", pattern) if not re.search(r"[\n\0]", pattern) else ""


def _clean(plan: Plan) -> str:
    """Remove what an earlier run left, and make our own report folder, which no export takes along."""
    words = " ".join(_glob(pattern) for pattern in plan.reports)
    return (
        f'shopt -s globstar nullglob dotglob; rm -rf -- {REPORTS}; for f in {words}; do rm -f -- "$f"; done; '
        f"mkdir -p {REPORTS} && printf '*\\n' >{REPORTS}/.gitignore"
    )


def _reports(plan: Plan, session: Session, cancelled: Callable[[], bool]) -> list[bytes]:
    """The report files, each sent out as one line of base64."""
    if not plan.reports:
        return []
    words = " ".join(_glob(pattern) for pattern in plan.reports)
    ran = session.run(
        f'shopt -s globstar nullglob dotglob; n=0; for f in {words}; do [ -f "$f" ] || continue; n=$((n+1)); '
        f"[ $n -gt {_MOST_REPORTS} ] && break; "
        f'head -c {junit.LARGEST + 1} -- "$f" | base64 -w0; echo; done 2>/dev/null',
        limits=Limits(wall_seconds=60, output_bytes=_REPORT_BYTES),
        cancelled=cancelled,
    )
    found = []
    for line in ran.output.splitlines():
        try:
            found.append(base64.b64decode(line, validate=True))
        except (binascii.Error, ValueError):
            continue
    return [report for report in found if report.strip()]
