"""`python -m workers.judge.eval`: how often the judge catches what it should, and vetoes what is fine.

Law: with the scripted stand-in it says at the top and in the JSON that nothing was measured, and meets no threshold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import get_args

from bot.settings import Settings, load
from bot.settings.groups import Claude
from bot.settings.sources import SettingsInvalid
from workers import ClaimLost, GiveUp, TryAgain
from workers.agent.model import ClaudeModel, Effort
from workers.judge import Judgement, Reviewer
from workers.judge.estimate import estimate
from workers.judge.labelled import Case, cases
from workers.judge.numbered import numbered
from workers.judge.prompts import JUDGE_HASH
from workers.judge.report import show
from workers.judge.review import review
from workers.judge.score import SCRIPTED, Result, caught, false_vetoes

TRIES = 8
LONGEST_WAIT = 120.0


class EvaluationSettings(Settings):
    """Nothing but Claude is needed."""

    claude: Claude


def main(argv: list[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Evaluate and print. 0: done; 1: a threshold was missed or a case could not be judged; 2: wrong arguments."""
    asked = _parser().parse_args(argv)
    every = cases()
    kinds = {one.kind for one in every}
    if unknown := set(asked.only) - kinds:
        print(f"--only: there is no class {', '.join(sorted(unknown))}; there are {', '.join(sorted(kinds))}")
        return 2
    chosen = [one for one in every if not asked.only or one.kind in asked.only]
    chosen = _spread(chosen, asked.limit) if asked.limit else chosen
    try:
        settings = load(EvaluationSettings, environ)
    except SettingsInvalid as invalid:
        print(invalid, file=sys.stderr)
        return 2
    asked.effort = asked.effort or settings.claude.judge_effort
    reviewer = _reviewer(settings.claude, asked.model, asked.effort)
    if asked.estimate:
        print(estimate(chosen, reviewer.name))
        return 0
    before = _by_name(asked.compare)
    if before is None:
        print(f"--compare: {asked.compare} holds no answers of an earlier run", file=sys.stderr)
        return 2
    try:
        scripted = reviewer.is_scripted()
    except (TryAgain, GiveUp) as fault:
        print(f"The model cannot be asked: {fault}", file=sys.stderr)
        return 1
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    file = asked.results or _file(settings.home, reviewer.name, scripted)
    return _evaluate(chosen, reviewer, scripted=scripted, file=file, stopped=stopped, asked=asked, before=before)


def _evaluate(
    chosen: list[Case],
    reviewer: Reviewer,
    *,
    scripted: bool,
    file: Path,
    stopped: threading.Event,
    asked: argparse.Namespace,
    before: dict[str, Result],
) -> int:
    kept = {} if asked.fresh else _kept(file)
    name = f"{reviewer.name} {asked.effort or ''}".strip()
    keys = {one.name: key(one, name, scripted=scripted) for one in chosen}
    known = [kept[keys[one.name]] for one in chosen if keys[one.name] in kept]
    left = [one for one in chosen if keys[one.name] not in kept]
    failed: list[str] = []
    _tell(SCRIPTED if scripted else estimate(left, reviewer.name) if left else "All of it was answered before.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w" if asked.fresh else "a", encoding="utf-8") as out, ThreadPoolExecutor(asked.parallel) as pool:
        under_way = {pool.submit(judged, one, keys[one.name], reviewer, stopped): one for one in left}
        for done in as_completed(under_way):
            one = under_way[done]
            try:
                result = done.result()
            except (GiveUp, TryAgain, ClaimLost) as fault:
                failed.append(f"{one.kind}, {one.name}: {fault}")
                continue
            known.append(result)
            out.write(result.model_dump_json() + "\n")
            out.flush()
            _tell(f"{len(known)}/{len(chosen)} {one.kind}, {one.name}: {result.verdict or 'no answer'}")
    order = {one.name: at for at, one in enumerate(chosen)}
    known.sort(key=lambda one: order[one.name])
    show(known, failed, name, file, before, scripted=scripted, as_json=asked.json)
    return int(bool(failed) or not _met(known, asked.min_catch, asked.max_false_veto, scripted=scripted))


def judged(one: Case, name: str, reviewer: Reviewer, stopped: threading.Event) -> Result:
    """Judge one case, with as much patience as the model asks for. Raises what `review` raises in the end."""
    began = time.monotonic()
    judgement = _patiently(lambda: review(one.subject, reviewer, stopped.is_set), stopped)
    opinion = judgement.opinion
    return Result(
        key=name,
        name=one.name,
        kind=one.kind,
        expect=one.expect,
        verdict=opinion.verdict if opinion else None,
        named=opinion is not None and opinion.verdict == one.expect == "veto" and _named(one, judgement),
        sentence=opinion.sentence if opinion else "",
        flags=(*judgement.holds, *judgement.flags),
        model=opinion.model if opinion else reviewer.name,
        scripted=bool(opinion and opinion.scripted),
        seconds=round(time.monotonic() - began, 2),
        usage=judgement.usage,
    )


def key(one: Case, model: str, *, scripted: bool) -> str:
    """Return the key of a case. It changes with the prompt, the model, the request and the diff."""
    said = json.dumps([one.name, one.subject.request, one.subject.diff, one.unasked, JUDGE_HASH, model, scripted])
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def _named(one: Case, judgement: Judgement) -> bool:
    """Return whether the judgement names a hunk that is unasked, or correctly says that something is missing."""
    opinion = judgement.opinion
    if opinion is None:
        return False
    labels = numbered(one.subject.diff, one.subject.paths).labels
    wrong = tuple(f"{labels[n - 1]}: " for n in one.unasked)
    return bool(one.missing and opinion.missing) or any(said.startswith(wrong) for said in opinion.unasked if wrong)


def _patiently(ask: Callable[[], Judgement], stopped: threading.Event) -> Judgement:
    for left in range(TRIES - 1, -1, -1):
        try:
            return ask()
        except TryAgain as later:
            if left == 0 or stopped.wait(min(later.after_seconds, LONGEST_WAIT)):
                raise
    raise AssertionError("a loop without an end")


def _met(results: list[Result], min_catch: float | None, max_false: float | None, *, scripted: bool) -> bool:
    if min_catch is None and max_false is None:
        return True
    if scripted:
        print("The thresholds are not met: a script was evaluated, not a model.", file=sys.stderr)
        return False
    missed = []
    found, wrong = caught(results).value, false_vetoes(results).value
    if min_catch is not None and found is not None and found < min_catch:
        missed.append(f"a catch rate of at least {min_catch:g}: it is {found:.3f}")
    if max_false is not None and wrong is not None and wrong > max_false:
        missed.append(f"a false veto rate of at most {max_false:g}: it is {wrong:.3f}")
    for one in missed:
        print(f"Not met: {one}.", file=sys.stderr)
    return not missed


def _kept(file: Path) -> dict[str, Result]:
    """Return what an earlier run found out; a line that a crash cut short is left out."""
    found: dict[str, Result] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            result = Result.model_validate_json(line)
        except ValueError:
            continue
        found[result.key] = result
    return found


def _by_name(file: Path | None) -> dict[str, Result] | None:
    """Return the last answer to each case in a file of an earlier run; None where there is none in it."""
    if file is None:
        return {}
    return {one.name: one for one in _kept(file).values()} or None


def _spread(chosen: Iterable[Case], most: int) -> list[Case]:
    """At most `most` cases, from all classes alike."""
    by_kind: dict[str, list[Case]] = {}
    for one in chosen:
        by_kind.setdefault(one.kind, []).append(one)
    rounds = max((len(group) for group in by_kind.values()), default=0)
    return [group[at] for at in range(rounds) for group in by_kind.values() if at < len(group)][:most]


def _reviewer(claude: Claude, model: str, effort: Effort | None) -> ClaudeModel:
    name = model or claude.judge_model or claude.model
    return ClaudeModel(claude.api_key.get_secret_value(), claude.base_url, name, effort=effort)


def _file(home: Path, model: str, scripted: bool) -> Path:
    name = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in model)
    return home / "evaluations" / f"judge-{'scripted-' if scripted else ''}{name}.jsonl"


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shipmate eval judge", description=__doc__)
    parser.add_argument("--model", default="", help="instead of SHIPMATE_JUDGE_MODEL")
    parser.add_argument("--effort", choices=get_args(Effort), help="instead of SHIPMATE_JUDGE_EFFORT")
    parser.add_argument(
        "--only", "--class", action="append", default=[], metavar="CLASS", help="a class of cases; repeatable"
    )
    parser.add_argument("--limit", type=int, default=0, help="at most so many cases, from all classes alike")
    parser.add_argument("--parallel", type=int, default=4, choices=range(1, 33), metavar="N", help="calls at a time")
    parser.add_argument("--results", type=Path, help="where answers are kept, so that a run goes on where one ended")
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="the kept answers of an earlier run, to compare with"
    )
    parser.add_argument("--estimate", action="store_true", help="say what it would cost, and ask nothing")
    parser.add_argument("--fresh", action="store_true", help="ask again what was answered before")
    parser.add_argument("--min-catch", type=float, help="exit code 1 below this catch rate (0 to 1)")
    parser.add_argument("--max-false-veto", type=float, help="exit code 1 above this false veto rate (0 to 1)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
