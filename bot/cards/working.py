"""The card while work is in progress: the step, what is being done right now, and Stop."""

from __future__ import annotations

from bot.cards import Words, buttons, checks, facts, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import STEPS, WORDS
from bot.domain.change import Change, Note, NoteKind, Phase

_AGAIN: dict[NoteKind, str] = {
    "checks": "Fixing a problem that the tests found",
    "judge": "Fixing something that must not be merged",
    "ci": "Fixing a problem that the checks on GitHub found",
}


def working(change: Change, now: float) -> Words:
    """Return one line for the step, one for what is happening in it, and dots that say how far it is."""
    words = WORDS[change.phase]
    step, doing = words.step, words.label
    if change.phase is Phase.EDITING and change.notes:
        doing = _next(change.notes[-1], doing)
        if change.notes[-1].kind == "judge" and change.opinion and change.opinion.verdict == "veto":
            doing = "Fixing what the review asked for"
    if change.phase is Phase.EDITING and change.rounds:
        doing += f" (try {change.rounds + 1})"
    progress = text.line(change.progress, 200) if change.phase is Phase.EDITING else ""
    state = f"{words.emoji} *{doing}*" + (f"\n{progress}" if progress else "")
    dots = "●" * step + "○" * (STEPS - step)
    return frame(
        change,
        state,
        section(_request(change), _notes(change)),
        section(
            facts.void(change),
            facts.tests(change.evidence) if step > 3 else "",
            checks.ci(change.ci) if change.phase is Phase.IN_CI else "",
        ),
        small=(f"{dots}  Step {step} of {STEPS} · {facts.lasted(now - change.created_at)} so far",),
        buttons=actions(buttons.stop(change), buttons.view_pull(change)),
    )


def _next(note: Note, otherwise: str) -> str:
    """Say what the work is about now, quoting the person's words so that they recognise them."""
    said = f"“{text.line(note.text, 60)}”"
    match note.kind:
        case "follow_up":
            return f"Working on {text.line(note.author, 40)}'s wish: {said}"
        case "answer":
            return f"Going on with {said}"
        case _:
            return _AGAIN.get(note.kind, otherwise)


def _request(change: Change) -> str:
    """Return the latest request, unless the title already says all of it."""
    more = [note.text for note in change.notes if note.kind == "follow_up"]
    told = text.clean(more[-1] if more else change.request).strip()
    return "" if told == text.clean(facts.title(change)).strip() and len(told) < 140 else text.quote(told, 400, 4)


def _notes(change: Change) -> str:
    """Return the last reply that the agent has not read yet, so that its author knows it arrived."""
    waiting = [note for note in change.notes[change.notes_read :] if note.kind == "person"]
    if not waiting:
        return ""
    more = f" (and {len(waiting) - 1} more)" if len(waiting) > 1 else ""
    return f":memo: Noted, comes next: “{text.line(waiting[-1].text, 150)}”{more}"
