"""Running a plan in the sandbox and reading the results.

Law: reports are removed before the run, written to a place whose name is new each time, and read inside the sandbox
after it. What was promised and is not there is a fault, whatever was printed.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.domain.verdict import Counts
from workers.checks import CheckResult, Plan, readers
from workers.checks.evidence import weigh
from workers.checks.feedback import feedback
from workers.checks.missing import missing, missing_program
from workers.checks.plan import REPORTS
from workers.checks.suite import OUTPUT_BYTES, Ended, Suite
from workers.reports import Failing, Reading, junit
from workers.sandbox import Limits, Ran, Session

__all__ = ["feedback", "run_checks", "run_suite"]

_REPORT_BYTES = 24 << 20
_MOST_REPORTS = 500
_NO_SUCH_PROGRAM = 127


def never() -> bool:
    """Return the default of `cancelled`."""
    return False


def run_checks(plan: Plan, session: Session, subject: str, cancelled: Callable[[], bool] = never) -> CheckResult:
    """Run the plan's test command once and judge it by itself; the evidence speaks of `subject` (a sha).

    The base commit plays no part in this: `trial.attempt` weighs both.
    """
    if plan.test is None:
        return CheckResult(weigh(plan, subject, None), "")
    suite = run_suite(plan, plan.test, session, cancelled)
    failures = tuple((one.name, one.message) for one in suite.failing)
    return CheckResult(weigh(plan, subject, suite), suite.output, failures)


def run_suite(
    plan: Plan, command: str, session: Session, cancelled: Callable[[], bool] = never, seconds: float | None = None
) -> Suite:
    """Run `command`, the plan's test command or one that runs a part of it, and read it as the plan's is read.

    `seconds` is its time limit, the plan's own where it is None.
    """
    place = f"{REPORTS}/{secrets.token_hex(8)}"
    patterns = tuple(pattern.replace(REPORTS, place) for pattern in plan.reports)
    cleaned = session.run(_clean(patterns), limits=Limits(wall_seconds=60), cancelled=cancelled)
    try:
        limits = Limits(wall_seconds=seconds or plan.wall_seconds, output_bytes=OUTPUT_BYTES)
        ran = session.run(command.replace(REPORTS, place), limits=limits, cancelled=cancelled)
        files = [] if ran.cancelled else _reports(patterns, session, cancelled)
    finally:
        session.run(_remove(patterns), limits=Limits(wall_seconds=60))
    suite = read(plan, ran, files)
    faults = suite.faults
    if plan.reports and not files and ran.exit_code == 0:
        # Any code can print "5 passed": if the plan promises a report, a missing one counts as a failure.
        faults = (*faults, "The test report that the checks should write was not there.")
    if cleaned.exit_code != 0 and not ran.cancelled:
        faults = (*faults, "Files of an earlier run could not be removed.")
    return replace(suite, faults=faults, absent=_absent(ran, suite, session))


def read(plan: Plan, ran: Ran, files: list[bytes]) -> Suite:
    """Return what a run's output and report files say, and what is wrong with either. Pure."""
    texts = readers.texts(ran.output, plan.reader)
    text = _sum(texts) if texts else None
    reading = text
    faults: tuple[str, ...] = ()
    sources = tuple(one.source for one in texts)
    if files:
        reading, faults = _from_files(plan, files, text)
        sources = (*sources, "reports")
    return Suite(
        code=ran.exit_code,
        ended=_ended(ran),
        seconds=ran.seconds,
        counts=reading.counts if reading else None,
        failing=reading.failing if reading else (),
        cases=reading.cases if reading else {},
        faults=faults,
        sources=sources,
        output=ran.output,
    )


def _from_files(plan: Plan, files: list[bytes], text: Reading | None) -> tuple[Reading | None, tuple[str, ...]]:
    try:
        reading = readers.reports(files)
    except junit.BadReport as error:
        return text, (str(error),)
    if text is None:
        return reading, ()
    if text.counts.failed and not reading.counts.failed:
        return text, ("The report and the output disagree.",)
    both_passed = not text.counts.failed and not reading.counts.failed
    if readers.agrees(plan.tool) and both_passed and text.counts.passed != reading.counts.passed:
        said = f"{reading.counts.passed} and {text.counts.passed}"
        return reading, (f"The report and the output disagree about how many tests passed ({said}).",)
    return reading, ()


def _ended(ran: Ran) -> Ended:
    if ran.cancelled:
        return "cancelled"
    if ran.timed_out:
        return "timed out"
    return "flooded" if ran.flooded else "by itself"


def _absent(ran: Ran, suite: Suite, session: Session) -> str | None:
    """Return what was missing, where no test passed; or else the program that a chain of commands ended for."""
    if not ran.exit_code:
        return None
    if not (suite.counts and suite.counts.passed):
        return missing(ran.output, session)
    if ran.exit_code == _NO_SUCH_PROGRAM and not suite.counts.failed:
        return missing_program(ran.output, session)
    return None


def _sum(readings: tuple[Reading, ...]) -> Reading:
    if len(readings) == 1:
        return readings[0]
    counts = Counts(
        passed=sum(reading.counts.passed for reading in readings),
        failed=sum(reading.counts.failed for reading in readings),
        skipped=sum(reading.counts.skipped for reading in readings),
    )
    failing: list[Failing] = [failure for reading in readings for failure in reading.failing]
    cases = {name: state for reading in readings for name, state in reading.cases.items()}
    return Reading(" and ".join(reading.source for reading in readings), counts, tuple(failing), cases)


def _glob(pattern: str) -> str:
    """Return a report pattern as a bash word in which only `*`, `?` and `[...]` keep a meaning."""
    return re.sub(r"([^\w./*?\[\]-])", r"\\\1", pattern) if not re.search(r"[\n\0]", pattern) else ""


def _own(patterns: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return (the folder of ours that no export takes along, the new folder in it) for every place reports go to."""
    found = {(REPORTS, "")}
    for pattern in patterns:
        before, mark, after = pattern.partition(f"{REPORTS}/")
        if mark and re.fullmatch(r"([\w.-]+/)*", before):
            found.add((before + REPORTS, after.split("/", 1)[0]))
    return found


def _clean(patterns: tuple[str, ...]) -> str:
    """Remove what an earlier run left, and make our own report folders."""
    words = " ".join(_glob(pattern) for pattern in patterns)
    made = " && ".join(
        f"mkdir -p {folder}/{fresh} && printf '*\\n' >{folder}/.gitignore" for folder, fresh in sorted(_own(patterns))
    )
    return f'shopt -s globstar nullglob dotglob; {_remove(patterns)}; for f in {words}; do rm -f -- "$f"; done; {made}'


def _remove(patterns: tuple[str, ...]) -> str:
    return "rm -rf -- " + " ".join(sorted({folder for folder, _ in _own(patterns)}))


def _reports(patterns: tuple[str, ...], session: Session, cancelled: Callable[[], bool]) -> list[bytes]:
    """Return the report files, each sent out as one line of base64."""
    if not patterns:
        return []
    words = " ".join(_glob(pattern) for pattern in patterns)
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
