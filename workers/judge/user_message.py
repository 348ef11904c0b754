"""Write the judge's message: request, words of people, the proposal, the evidence, the diff. Pure.

Law: everything here comes from outside and is framed as data; only the prompt speaks for us.
"""

from __future__ import annotations

from bot.domain.change import Note
from bot.domain.verdict import Counts, Evidence
from workers.agent.framing import shorten
from workers.judge import Subject
from workers.judge.numbered import Numbered, safe

PEOPLE = {
    "person": "said while it was worked on",
    "follow_up": "asked for more, having seen a first version",
    "answer": "answered a question of the author",
    "host": "Shipmate noted",
}
MACHINES = {"checks": "The repository's checks said", "ci": "CI said"}
MOST_REQUEST, MOST_NOTE, MOST_WORDS, MOST_MACHINE = 12_000, 4_000, 2_000, 1_200
_LISTED = 10


def user_message(subject: Subject, change: Numbered) -> str:
    """Return the one user message of a review."""
    parts = [_fence("request", subject.request, MOST_REQUEST)]
    parts += [_note(note) for note in subject.notes if note.kind in PEOPLE]
    if count := sum(block["type"] == "image" for block in subject.pictures):
        parts.append(f"Sent along by people, below: {count} {'picture' if count == 1 else 'pictures'}.")
    parts.append(_fence("proposal", _proposal(subject), 4 * MOST_WORDS))
    parts.append(_fence("evidence", _evidence(subject.evidence), 6_000))
    if subject.findings:
        parts.append(_fence("findings", "\n".join(f"- {_line(one)}" for one in subject.findings[:40]), 8_000))
    if machines := [note for note in subject.notes if note.kind in MACHINES][-3:]:
        said = "\n".join(f"{MACHINES[note.kind]}: {shorten(note.text, MOST_MACHINE)}" for note in machines)
        parts.append(_fence("machines", said, 4 * MOST_MACHINE))
    parts.append(f"<diff>\n{change.text}\n</diff>")
    if unread := (*change.unread, *change.elsewhere):
        parts.append("Not shown in full, so do not take it for missing: " + "; ".join(unread[:20]))
    hunks = len(change.labels)
    parts.append(f"Answer for {'the one hunk, number 1' if hunks == 1 else f'every hunk from 1 to {hunks}'}.")
    return "\n\n".join(parts)


def _fence(tag: str, text: str, most: int) -> str:
    return f"<{tag}>\n{shorten(safe(text).strip(), most)}\n</{tag}>"


def _note(note: Note) -> str:
    who = _line(safe(note.author), 80) or "Someone"
    return f"{who} {PEOPLE[note.kind]}:\n{_fence('note', note.text, MOST_NOTE)}"


def _proposal(subject: Subject) -> str:
    said = {
        "Title": subject.title,
        "Summary": subject.summary,
        "Said to be proven": subject.proven,
        "Said to be risks": subject.risks,
    }
    return "\n".join(f"{name}: {shorten(text, MOST_WORDS)}" for name, text in said.items() if text.strip())


def _evidence(evidence: Evidence | None) -> str:
    if evidence is None:
        return "None was gathered."
    lines = [f"The repository's own tests: {evidence.verdict.value}; {_counts(evidence.counts)}."]
    if evidence.base is not None:
        lines.append(f"The same on the base: {_counts(evidence.base)}.")
    lines += [_line(reason) for reason in evidence.reasons[:_LISTED]]
    for words, names in (
        ("Tests that ran on the base and no longer run", evidence.lost),
        ("Tests that failed once and passed when run again", evidence.flaky),
        ("Tests that fail here and failed on the base already", evidence.old_failing),
    ):
        if names:
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            lines.append(f"{words} ({len(names)}): {', '.join(_line(name, 120) for name in names[:_LISTED])}{more}.")
    if evidence.proof is not None:
        tests = ", ".join(_line(name, 120) for name in evidence.proof.tests[:_LISTED])
        proof = {
            "proven": f"Tests of this change fail without it and pass with it: {tests}.",
            "unproven": f"Not shown that its tests fail without the change: {_line(evidence.proof.why)}",
            "none": f"The change adds no test: {_line(evidence.proof.why)}",
        }
        lines.append(proof[evidence.proof.state])
    lines += [f"{_line(step.name, 60)}: {step.state}. {_line(step.summary)}".strip() for step in evidence.steps[:20]]
    return "\n".join(lines)


def _counts(counts: Counts) -> str:
    return f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped"


def _line(text: str, most: int = 400) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
