"""Word the facts about a change, one line each: who, where, what is proven, what to look at.

Law: numbers come from `Evidence`, never from what the model said.
"""

from __future__ import annotations

import re

from bot.cards import text
from bot.domain.assurance import Assurance
from bot.domain.change import Change
from bot.domain.frozen import revised
from bot.domain.verdict import Counts, Evidence, Verdict

SCRIPTED = "Scripted stand-in for Claude, not the real model"
UNISOLATED = "Development sandbox: tests run without isolation"


def title(change: Change) -> str:
    """Return outside text: the title the change was given, or else the first line of what was asked."""
    if change.title.strip():
        return change.title
    lines = [one for one in change.request.split("\n") if one.strip()]
    return lines[0] if lines else "A change"


def unseen(change: Change) -> bool:
    """Return whether no approver sees the card: it is in a direct message, and its reader may not approve."""
    return change.place.direct and not change.self_approval


def tested(change: Change, sure: Assurance) -> str:
    """Return the tests as a person has to know them who decides: with what they leave open, or what CI makes up for."""
    evidence = change.evidence
    if sure.level == "in_ci":
        return f":white_check_mark: Passed in CI, not here: {_sentences(sure.why)}"
    doubt = evidence.proof.why if evidence is not None and evidence.proof is not None else ""
    open_ = tuple(one for one in sure.why if one != doubt)  # the doubt has a line of its own (`proven`)
    if evidence is None:
        return f":warning: Not proven: {_sentences(open_)}" if sure.level == "unproven" else ""
    if sure.level == "unproven" and evidence.verdict is Verdict.GREEN and open_:
        return f"{tests(evidence)}\n:warning: Not proven: {_sentences(open_)}"
    return tests(evidence)


def tests(evidence: Evidence | None) -> str:
    """Return a line such as `Tests: 31 passed`, for people who have never run one."""
    if evidence is None:
        return ""
    match evidence.verdict:
        case Verdict.GREEN:
            # What failed on the base already has a line of its own (`proven`), and is not held against the change.
            return f":white_check_mark: Tests: {counted_tests(revised(evidence.counts, failed=0))}"
        case Verdict.RED:
            failing = [text.line(one, 80) for one in evidence.failing[:3]]
            more = f" and {len(evidence.failing) - 3} more" if len(evidence.failing) > 3 else ""
            named = f": {', '.join(failing)}{more}" if failing else ""
            return f":x: Tests: {counted_tests(evidence.counts)}{named}{'' if named else _because(evidence)}"
        case Verdict.UNPROVEN:
            return f":warning: Not proven{_because(evidence) or ': no tests ran'}"


def left_out(change: Change) -> str:
    """Return the wishes that what was merged or closed does not have, with a way to ask again."""
    if not change.left_out:
        return ""
    last = text.line(change.left_out[-1], 300)
    more = f" (and {len(change.left_out) - 1} before it)" if len(change.left_out) > 1 else ""
    return f"\nThe last wish is not in it{more}: “{last}” Ask again in a new message."


def unexamined(change: Change) -> str:
    """Return that a version was merged which nobody examined here."""
    if change.merge_sha is None or change.tree is not None:
        return ""
    return ":warning: It was merged in a version that I did not check."


def findings(change: Change) -> str:
    """Return what the approver should look at."""
    shown = [elsewhere(change.instead_of, change.branch or ""), *(text.line(one, 250) for one in change.findings[:5])]
    if len(change.findings) > 5:
        shown.append(f"and {len(change.findings) - 5} more, in the pull request")
    return "\n".join(f":mag: {one}" for one in shown if one)


def elsewhere(instead_of: str, branch: str) -> str:
    """Return where our commits are if the branch already had commits that aren't ours."""
    if not instead_of:
        return ""
    taken, mine = text.line(instead_of, 100), text.line(branch, 100)
    return f"The branch {taken} has commits that aren't mine. I left it alone; mine are on {mine}."


def where(change: Change) -> str:
    """Return `acme/app · pull request #12 into main`, or the repository alone while there is none."""
    parts = [f"*{text.line(change.repository, 100)}*"] if change.repository else []
    if change.pull:
        into = f" into {text.line(change.base_branch, 60)}" if change.base_branch else ""
        parts.append(f"{text.link(change.pull.url, f'pull request #{change.pull.number}')}{into}")
    return " · ".join(parts)


def who(change: Change) -> str:
    """Return who asked (and for which tier); by name, since a card is edited and must not ping."""
    tier = f" ({text.line(change.tier, 30)})" if change.tier else ""
    return f"Asked by {text.name(change.requester)}{tier}"


def labels(change: Change) -> str:
    """Return the warnings about a scripted model and about a sandbox without isolation."""
    told = []
    if change.scripted:
        told.append(f":performing_arts: {SCRIPTED}")
    if change.sandbox == "process":
        told.append(f":warning: {UNISOLATED}")
    return "\n".join(told)


def void(change: Change) -> str:
    """Return why an earlier yes no longer counts."""
    return f":warning: *Not merged yet.* {text.line(change.void, 400)}" if change.void else ""


def short(sha: str | None) -> str:
    """Return the first characters of a commit's name; empty for anything that is none."""
    return sha[:7] if sha and re.fullmatch(r"[0-9a-f]{7,64}", sha) else ""


def lasted(seconds: float) -> str:
    """Return `40 seconds`, `7 minutes`, `3 hours`, `2 days`."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return text.counted(whole, "second")
    if whole < 2 * 3600:
        return text.counted(whole // 60, "minute")
    if whole < 48 * 3600:
        return text.counted(whole // 3600, "hour")
    return text.counted(whole // 86400, "day")


def counted_tests(counts: Counts, unit: str = "") -> str:
    """Return `31 passed, 2 skipped`, or how many failed."""
    of = f" {unit}{'' if counts.total == 1 else 's'}" if unit else ""
    told = f"{counts.failed} of {counts.total}{of} failed" if counts.failed else f"{counts.passed}{of} passed"
    return f"{told}, {counts.skipped} skipped" if counts.skipped else told


def _sentences(why: tuple[str, ...]) -> str:
    return " ".join(text.line(one, 200) for one in why)


def _because(evidence: Evidence) -> str:
    return f": {text.line(evidence.reasons[0], 200)}" if evidence.reasons else ""
