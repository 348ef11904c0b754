"""Before a version leaves for GitHub: what its code could reach there, or what stopped it, and the tap that lets it go.

Law: names of secrets are shown, values never. Nothing is on GitHub yet when this is read, so the card says why.
"""

from __future__ import annotations

from bot.cards import Words, buttons, facts, proven, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.domain.change import Change

_SHOWN = 4
_NAMED = 6


def leaving(change: Change, _now: float) -> Words:
    """Return what would run where and with what, or what stopped the version; replying sends it back to work."""
    stopped = bool(change.passable)
    state = ":lock: *I stopped before anything left*" if stopped else ":lock: *May GitHub run this change?*"
    return frame(
        change,
        f"{state}\n{_needs(change)}",
        section(*(f"• {text.line(one, 250)}" for one in change.passable[:_SHOWN])),
        section(would_run(change)),
        section(*(f"• {text.line(one, 250)}" for one in change.reach.because[:_SHOWN]), _more(change)),
        section(text.quote(change.summary, 600, 4)),
        section(facts.tests(change.evidence), proven.proof(change.evidence.proof) if change.evidence else ""),
        section("Nothing of it is on GitHub yet. Reply here to have it changed."),
        buttons=actions(None if facts.unseen(change) else buttons.allow(change), buttons.stop(change)),
    )


def would_run(change: Change) -> str:
    """Say with what CI would run the change: "These checks would run on GitHub with 2 secrets (A, B)."."""
    given = [_secrets(change.reach.secrets), *(text.line(one, 120) for one in change.reach.also[:_NAMED])]
    given = [one for one in given if one]
    if not given:
        return "Its checks would run on GitHub, outside of my sandbox."
    return f"Its checks would run on GitHub with {text.listed(given)}."


def allower(change: Change) -> str:
    """Name whose tap is missing, by what the card knows."""
    asker = text.name(change.requester)
    one = f"{asker} or anyone else who may approve" if change.self_approval else f"anyone who may approve, but {asker}"
    if not change.passable:
        return f"a tap by {one}"
    given = {each.by.id: text.name(each.by) for each in change.allowed if each.tree == change.tree}
    if given:
        return f"one more yes: {next(iter(given.values()))} has said yes"
    return f"two people to say yes: {one}"


def _needs(change: Change) -> str:
    if facts.unseen(change):
        return "Only you see this chat, and a colleague has to decide. Ask me in a channel instead."
    return f"Needs {allower(change)}."


def _secrets(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if "*" in names:
        return "all secrets of the repository"
    shown = ", ".join(text.line(one, 60) for one in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{text.counted(len(names), 'secret')} ({shown}{more})"


def _more(change: Change) -> str:
    left = len(change.reach.because) - _SHOWN
    return f"• and {left} more" if left > 0 else ""
