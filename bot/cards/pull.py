"""What stands on GitHub: title and body of the pull request, messages of the commit and of the merge.

Law: pure functions of the change, so that the same change always makes the same commit; numbers come from evidence.
"""

from __future__ import annotations

import textwrap

from bot.cards import facts, markdown, proven, text
from bot.domain.actor import Actor
from bot.domain.change import Change
from bot.domain.ci import CiReading
from bot.domain.shown import shown
from bot.domain.verdict import Evidence, Verdict

MAX_FILES = 40
_STEP = {"passed": "passed", "failed": "failed", "old": "was already failing", "not_run": "not run here"}


def pull_title(change: Change) -> str:
    """Return plain text of at most 100 characters."""
    return markdown.commit_line(facts.title(change), 100) or f"Change {change.id}"


def marker(change: Change) -> str:
    """Return the hidden comment by which our pull request is recognised."""
    return f"<!-- shipmate:{change.id} -->"


def pull_body(change: Change, commit: str = "") -> str:
    """Return who asked, where, what was done, what was checked, which model. Markdown.

    `commit` is the version that was checked: the text stays as it is when a person pushes another one.
    """
    change = shown(change)
    parts = [marker(change), _asked(change)]
    if change.summary.strip():
        parts.append(f"### What was done\n\n{markdown.quote(change.summary)}")
    version = f" (version {facts.short(commit)})" if facts.short(commit) else ""
    parts.append(f"### What was checked{version}\n\n{_checked(change)}")
    if change.proven.strip():
        parts.append(f"### In the model's words: why it works\n\n{markdown.quote(change.proven, 2_000)}")
    if change.risks.strip():
        parts.append(f"### In the model's words: worth knowing\n\n{markdown.quote(change.risks, 2_000)}")
    if change.files:
        parts.append(f"### Files\n\n{_files(change)}")
    parts.append(
        f"---\n{_model(change)}  \nApprove, ask for changes, merge and undo in the Slack thread. `{change.id}`"
    )
    return "\n\n".join(parts) + "\n"


def commit_message(change: Change) -> str:
    """Subject, summary and trailers of the commit on the branch."""
    return _message(change, pull_title(change), ())


def merge_message(change: Change) -> tuple[str, str]:
    """Return (title, body) of the merge commit, with the approvals as trailers."""
    number = f" (#{change.pull.number})" if change.pull else ""
    title = markdown.commit_line(facts.title(change), 90) + number
    approved = tuple(f"Approved-by: {_person(one.by)}" for one in change.approvals)
    return title, _message(change, "", approved).lstrip("\n")


def undo_title(change: Change) -> str:
    """Return the title of the reverting pull request."""
    return f"Undo: {markdown.commit_line(facts.title(change), 90)}"


def undo_message(change: Change) -> str:
    """Return the message of the reverting commit, and of its merge."""
    reverted = f"This takes out {change.merge_sha or 'the merge'} again."
    by = change.undo.approved_by if change.undo else None
    trailers = [
        f"Requested-by: {_person(change.undo.by if change.undo else change.requester)}",
        f"Shipmate-Change: {change.id}",
        *((f"Approved-by: {_person(by)}",) if by else ()),
    ]
    return "\n\n".join((undo_title(change), reverted, "\n".join(trailers))) + "\n"


def undo_body(change: Change) -> str:
    """Return why the reverting pull request exists. Markdown."""
    by = markdown.line(change.undo.by.name, 60) if change.undo else "Someone"
    pull = f"pull request #{change.pull.number}" if change.pull else "the change"
    sha = f" (merged as {markdown.code(change.merge_sha, 40)})" if change.merge_sha else ""
    parts = [f"<!-- shipmate:undo-{change.id} -->", f"{by} asked in Slack{_permalink(change)} to undo {pull}{sha}."]
    parts.append(f"It takes out again:\n\n{markdown.quote(facts.title(change), 200)}")
    return "\n\n".join(parts) + "\n"


def _asked(change: Change) -> str:
    who = f"**{markdown.line(change.requester.name or change.requester.id, 60)}** asked in Slack{_permalink(change)}:"
    return f"{who}\n\n{markdown.quote(change.request, 3_000, 40)}"


def _permalink(change: Change) -> str:
    address = text.url(change.place.permalink or "")
    return f" ([thread]({address.replace('(', '%28').replace(')', '%29')}))" if address else ""


def _checked(change: Change) -> str:
    told = [f"- {_evidence_words(change.evidence)}"]
    if change.evidence and change.evidence.command:
        told.append(f"- Command: {markdown.code(change.evidence.command)}")
    if change.sandbox == "process":
        told.append(f"- {facts.UNISOLATED}.")
    told += _proven(change)
    told += [f"- Needs two approvals: {markdown.line(finding)}" for finding in change.holds[:20]]
    told += [f"- Please look at: {markdown.line(finding)}" for finding in change.findings[:20]]
    return "\n".join(told)


def _proven(change: Change) -> list[str]:
    """Return what stands behind the counts, and the reviewing model's sentence, marked as such."""
    told = []
    if (evidence := change.evidence) is not None:
        if evidence.proof is not None and evidence.proof.state == "proven":
            named = ", ".join(markdown.code(one, 100) for one in evidence.proof.tests[:10])
            told.append(f"- Proved by tests that fail on the old code: {named}")
        elif evidence.proof is not None:
            told.append(f"- {markdown.line(evidence.proof.why)}")
        for name, tests in (("Failed before too", evidence.old_failing), ("Passed when run again", evidence.flaky)):
            told += [f"- {name}: {', '.join(markdown.code(one, 100) for one in tests[:10])}"] if tests else []
        told += [f"- {markdown.line(step.name, 60)}: {_STEP[step.state]}" for step in evidence.steps[:20]]
    if (opinion := change.opinion) is not None:
        by = proven.reviewer(opinion) or f"In the words of a second model, {markdown.code(opinion.model, 60)}"
        told.append(f"- {by}: {markdown.line(opinion.sentence, 300)}")
    return told


def _evidence_words(evidence: Evidence | None, *, plain: bool = False) -> str:
    if evidence is None:
        return "No tests were run before this was opened."
    counts = evidence.counts
    told = f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped"
    reason = evidence.reasons[0] if evidence.reasons else ""
    because = f" ({markdown.commit_line(reason, 200) if plain else markdown.line(reason, 200)})" if reason else ""
    match evidence.verdict:
        case Verdict.GREEN:
            return f"Tests in the sandbox: {told}"
        case Verdict.RED:
            return f"Tests in the sandbox fail: {told}{because}"
        case Verdict.UNPROVEN:
            return f"Not proven by tests{because}"


def _ci_words(reading: CiReading | None) -> str:
    if reading is None:
        return ""
    if reading.state == "none":
        return "none"
    skipped = f", {reading.skipped} did not run" if reading.skipped else ""
    return f"{reading.passed} of {len(reading.runs)} passed{skipped}"


def _files(change: Change) -> str:
    shown = [f"- {markdown.code(path)}" for path in change.files[:MAX_FILES]]
    if len(change.files) > MAX_FILES:
        shown.append(f"- and {len(change.files) - MAX_FILES} more")
    return "\n".join(shown)


def _model(change: Change) -> str:
    if change.scripted:
        return f"**{facts.SCRIPTED}.**"
    return f"Made by {markdown.code(change.model, 60) or 'Claude'}. A person asked for it, and a person decides."


def _message(change: Change, subject: str, more: tuple[str, ...]) -> str:
    change = shown(change)
    body = [
        markdown.no_trailer(wrapped)  # also where only the wrapping made a line begin like one
        for one in markdown.commit_text(change.summary).split("\n")
        for wrapped in (textwrap.wrap(one, 72, drop_whitespace=False, break_long_words=False) or [""])
    ]
    ci = _ci_words(change.ci) if more else ""
    trailers = [
        f"Requested-by: {_person(change.requester)}",
        f"Slack-Thread: {text.url(change.place.permalink or '') or f'{change.place.channel} {change.place.thread_ts}'}",
        f"Model: {_model_word(change)}",
        f"Checks: {_evidence_words(change.evidence, plain=True)}",
        *((f"Prompts: {markdown.commit_line(change.prompts, 16)}",) if change.prompts else ()),
        *((f"Checks-on-GitHub: {ci}",) if ci else ()),
        f"Shipmate-Change: {change.id}",
        *more,
    ]
    told = "\n".join(one.rstrip() for one in body).strip("\n")
    return "\n\n".join(part for part in (subject, told, "\n".join(trailers)) if part) + "\n"


def _model_word(change: Change) -> str:
    return f"scripted ({facts.SCRIPTED})" if change.scripted else markdown.commit_line(change.model, 60) or "unknown"


def _person(actor: Actor) -> str:
    return f"{markdown.commit_line(actor.name, 60)} (Slack {markdown.commit_line(actor.id, 30)})"
