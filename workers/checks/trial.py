"""The trial of a tree: quick checks, its tests beside the base's, what failed once more, its own tests without it.

Law: everything runs in sandboxes that are opened for it, each around a fresh checkout; nothing is concluded here that
`evidence`, `steps` and `proof` do not say.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from bot.domain.verdict import Evidence, Proof, Step, Verdict
from workers.checks import CheckResult, Plan, baseline, flaky, proof, rigged, steps
from workers.checks.baseline import VERSION, OpenSandbox, ResultCache, toolchain
from workers.checks.evidence import Base, new_failures, weigh
from workers.checks.plan.selecting import quick_command
from workers.checks.plan.tools import missing_tools, unavailable
from workers.checks.run import run_suite
from workers.checks.suite import Suite
from workers.sandbox import Session
from workers.workspace import Changed

SHORT_SECONDS = 60.0
"""A suite this short runs even after a quick check failed, so that the agent sees everything at once."""
MOST_FAILURES = 50


@dataclass(frozen=True)
class Trial:
    """What is tried: `tree` against the commit or tree `base`, with the tree of `base` that has the tests of `tree`.

    `files` are the paths of `tree`, `base_files` those of `base`; `depends_on` is what a result of the base depends
    on besides commit and command: the repository, and the packages that are installed. `plain` is `grafted` with the
    base's own set-up of tests, "" where the change has no other.
    """

    plan: Plan
    tree: str
    base: str
    grafted: str
    changed: tuple[Changed, ...]
    files: tuple[str, ...]
    base_files: tuple[str, ...]
    depends_on: tuple[str, ...]
    plain: str = ""


def attempt(trial: Trial, open_sandbox: OpenSandbox, cache: ResultCache, cancelled: Callable[[], bool]) -> CheckResult:
    """Return everything there is to find out about a tree. A second call finds the same, and the base's result is
    there.
    """
    return _Attempt(trial, open_sandbox, cache, cancelled).run()


class _Attempt:
    """One trial under way. Two sandboxes run at the same time: the tree's own, and beside it those of the base."""

    def __init__(
        self, trial: Trial, open_sandbox: OpenSandbox, cache: ResultCache, cancelled: Callable[[], bool]
    ) -> None:
        self._trial = trial
        self._plan = trial.plan
        self._open_sandbox = open_sandbox
        self._cache = cache
        self._enough = threading.Event()
        self._cancelled = cancelled
        self._key: tuple[str, ...] = ()
        self._plain: Suite | None = None

    def run(self) -> CheckResult:
        trial, plan = self._trial, self._plan
        with self._open_sandbox(trial.tree, "head") as session:
            if lacking := missing_tools(plan, session):
                return self._lacking(lacking)
            self._key = (VERSION, *trial.depends_on, toolchain(session))
            known = self._known_base()
            ruled, told = self._quick(session)
            short = known is not None and known.suite.seconds <= SHORT_SECONDS
            if plan.test is None or (told and not short):
                return CheckResult(weigh(plan, trial.tree, None, steps=ruled), "", notes=told)
            with ThreadPoolExecutor(1, thread_name_prefix="beside") as aside:
                try:
                    beside = aside.submit(self._beside, known)
                    head = run_suite(plan, plan.test, session, self._stopped)
                    unheard = self._unheard()
                    base, without = (None, None) if self._cancelled() else beside.result()
                finally:
                    self._enough.set()
        again, rerun = self._again(head, base)
        shown = self._shown(head, base, without, again)
        evidence = weigh(plan, trial.tree, head, base, again, shown, ruled, unheard)
        return CheckResult(evidence, head.output, _failures(head, base, again), told, _further(base, without, rerun))

    def _stopped(self) -> bool:
        return self._cancelled() or self._enough.is_set()

    def _lacking(self, programs: tuple[str, ...]) -> CheckResult:
        named = " and ".join(programs[:3])
        reason = f"The checks need {named}, which the sandbox does not have."
        return CheckResult(Evidence(verdict=Verdict.UNPROVEN, subject=self._trial.tree, reasons=(reason,)), "")

    # the base

    def _base_key(self) -> tuple[str, ...]:
        plan = self._plan
        return ("base", self._trial.base, plan.test or "", *plan.reports, f"{plan.reader} {plan.wall_seconds:g}")

    def _known_base(self) -> Base | None:
        kept = self._cache.find(*self._base_key(), *self._key)
        return baseline.load(kept) if kept else None

    def _beside(self, known: Base | None) -> tuple[Base, Suite | None]:
        """Return the base's result, and what the change's tests say without the change."""
        base = self._asked_again(known) if known else self._measured()
        return base, self._without(base)

    def _asked_again(self, known: Base) -> Base:
        """Run the kept failures of the base once more at another time, and keep that result as
        well.

        A busy machine fails tests twice in a row; the same tests fail in a quiet hour only if they are broken.
        """
        if not known.failed_names():
            return known
        key = ("baseasked", *self._base_key()[1:], *self._key)
        passed = baseline.load_names(self._cache.find(*key))
        if passed is None and not self._stopped():
            trial, plan = self._trial, self._plan
            passed = baseline.passing_now(plan, known, trial.base, trial.base_files, self._open_sandbox, self._stopped)
            if passed is not None and not self._stopped():
                self._cache.keep(baseline.dump_names(passed), *key)
        return Base(known.suite, tuple(dict.fromkeys((*known.flaky, *(passed or ())))))

    def _measured(self) -> Base:
        trial, plan = self._trial, self._plan
        base = baseline.measure(plan, plan.test or "", trial.base, trial.base_files, self._open_sandbox, self._stopped)
        if baseline.worth_keeping(base) and not self._stopped():
            base = baseline.load(self._cache.keep(baseline.dump(base), *self._base_key(), *self._key)) or base
        return base

    def _without(self, base: Base) -> Suite | None:
        trial = self._trial
        if proof.nothing_to_prove(trial.changed) or self._stopped():
            return None
        line = proof.command(self._plan, trial.changed, base.suite)
        if line is None:
            return None
        with self._open_sandbox(trial.grafted, "without") as session:
            suite = run_suite(self._plan, line, session, self._stopped)
        if trial.plain and not self._stopped():
            with self._open_sandbox(trial.plain, "plain") as session:
                self._plain = run_suite(self._plan, line, session, self._stopped)
        return suite

    def _unheard(self) -> bool:
        """Return whether a test that must fail is reported on the base, and is not any more with the change."""
        trial, both = self._trial, set(self._trial.base_files)
        changed = {one.path for one in trial.changed if one.status != "D"}
        test = rigged.planted(self._plan, trial.files, both, changed, f"q{secrets.token_hex(6)}")
        if not test.command or not changed or self._stopped():
            return False
        with self._open_sandbox(trial.tree, "planted") as session:
            heard = rigged.reported(self._plan, test, session, self._stopped)
        if heard is not False or self._stopped():
            return False
        with self._open_sandbox(trial.base, "plantedbase") as session:
            return rigged.reported(self._plan, test, session, self._stopped) is True

    # quick checks

    def _quick(self, session: Session) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """Return the steps, and the text for the agent about those that count against the change."""
        files = tuple(one.path for one in self._trial.changed if one.status != "D")
        found: list[Step] = []
        told: list[str] = []
        lacking = unavailable(self._plan, session) if self._plan.quick else frozenset()
        with ExitStack() as stack:
            places: dict[str, Session] = {}
            for check in self._plan.quick:
                line = quick_command(check, self._plan, files)
                if line is None or self._stopped():
                    continue
                if check.name in lacking:
                    found.append(Step(name=check.name, state="not_run", summary=steps.NOT_HERE))
                    continue
                head = steps.rule(check, line, session, self._stopped)
                base = self._before(check.name, files, stack, places) if head.state == "failed" else None
                step, words = steps.compare(check, head, base)
                found.append(step)
                told += [words] if words else []
        return tuple(found), tuple(told)

    def _before(
        self, name: str, files: tuple[str, ...], stack: ExitStack, places: dict[str, Session]
    ) -> steps.Ruling | None:
        """Return what a quick check says of the base, asked only where it fails on the tree."""
        check = next(one for one in self._plan.quick if one.name == name)
        present = set(self._trial.base_files)
        line = quick_command(check, self._plan, [path for path in files if path in present])
        if "{files}" not in check.command:  # it looks at everything, however new the files of the change are
            line = check.command
        if line is None:
            return steps.Ruling("passed")
        key = ("quick", self._trial.base, check.name, line, check.reader, *self._key)
        if (kept := self._cache.find(*key)) is not None:
            return steps.load(kept)
        if not places:
            places["base"] = stack.enter_context(self._open_sandbox(self._trial.base, "quick"))
        ruling = steps.rule(check, line, places["base"], self._stopped)
        if ruling.state == "not_run" or self._stopped():
            return None
        return steps.load(self._cache.keep(steps.dump(ruling), *key))

    # the tree again

    def _again(self, head: Suite, base: Base | None) -> tuple[tuple[str, ...], Suite | None]:
        """Return the failures that pass in a second run."""
        if self._cancelled() or head.absent:
            return (), None
        failed: Mapping[str, str] = new_failures(head, base)
        line = flaky.command(self._plan, head, failed, self._trial.files)
        if line is None or not head.names_failures:
            return (), None
        with self._open_sandbox(self._trial.tree, "again") as session:
            return flaky.passed_again(self._plan, line, session, head, failed, self._cancelled)

    def _shown(self, head: Suite, base: Base | None, without: Suite | None, again: tuple[str, ...]) -> Proof | None:
        if self._cancelled() or head.ended != "by itself" or head.absent:
            return None
        return proof.prove(self._plan, self._trial.changed, head, base, without, again, self._plain)


def _failures(head: Suite, base: Base | None, again: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return what the agent has to fix, with messages."""
    messages = {one.name: one.message for one in head.failing}
    new = new_failures(head, base, again)
    return tuple((name, messages.get(name, "")) for name in list(new.values())[:MOST_FAILURES])


def _further(base: Base | None, without: Suite | None, rerun: Suite | None) -> str:
    """Return the output of every run but the tree's own."""
    parts = []
    for title, suite in (
        ("The tests that failed, run again", rerun),
        ("The same command on the base commit", base.suite if base else None),
        ("The tests of the change, without the change", without),
    ):
        if suite is not None:
            parts.append(f"\n===== {title} (exit code {suite.code}, {suite.seconds:.1f} s) =====\n{suite.output}")
    return "".join(parts)
