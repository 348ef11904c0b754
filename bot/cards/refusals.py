"""Word each refusal for the person who asked: what happened, what it means, what to do.

Law: each code of `bot.domain.rules` has its sentence here, and none of them blames.
"""

from __future__ import annotations

from bot.cards import Words, text
from bot.cards.approvers import yes_from
from bot.cards.blocks import section
from bot.cards.phases import WORDS
from bot.domain.change import Change, Phase
from bot.domain.rules import Refusal

NEW_THREAD = "Mention me in a new message to start another one."


_ALWAYS: dict[str, str] = {
    "stranger": "I take requests and decisions only from members of this workspace, in channels that are not shared "
    "with another organisation. Nothing was changed. Ask a colleague from here to do it.",
    "guest": "Guests cannot ask for changes or decide about them here. Nothing was changed. "
    "Ask a full member to do it.",
    "robot": "I only listen to people, so nothing was changed.",
    "absent": "You're not in this conversation, so nothing was changed. Ask someone in it to add you, then tap again.",
    "unverified": "I couldn't check your Slack account, so nothing was changed. Try again in a minute.",
    "may_not_ask": "Only some people may ask for changes here, and you're not on the list, so nothing was started. "
    "Shipmate's operator can add you.",
    "empty_request": "I didn't find a request in that. Tell me what to change in one or two sentences, "
    "such as: “the total on the receipt should include tax”.",
    "no_repository_served": "I'm not set up for any repository yet, so nothing was started. "
    "Shipmate's operator has to name one first.",
    "outdated": "That button was for an older version of this change, so nothing happened. "
    "Look at the card as it is now, then tap again.",
    "red": "A check on GitHub failed, so I won't merge this version. "
    "Tap *Ask for changes* and say what to do about it, or tap *Discard*.",
    "blocked": "I can't let this version in: its tests fail, or it holds something that must not be merged. "
    "The card says what. Tap *Ask for changes* and say what to do about it, or tap *Discard*.",
    "already": "That's already done. There's nothing more to do.",
}


_LEAVING: dict[str, str] = {
    "may_not_approve": "Only people who may merge here can let a version go to GitHub, and you're not on the list. "
    "Ask a colleague who may.",
    "own_change": "You asked for this change, so a colleague has to say yes before it goes to GitHub. "
    "Ask one to open this thread.",
    "second_needed": "You already said yes. It also needs a yes from a second person.",
}
"""Used instead while the open question is whether a version may be pushed to GitHub."""


def refusal(refused: Refusal, change: Change | None) -> Words:
    """Return the sentence for an ephemeral message. `change` is the one it was about, where there is one."""
    asked = change.question.about if change and change.question else ""
    told = (
        (_LEAVING.get(refused.code) if asked == "publish" else "")
        or _ALWAYS.get(refused.code)
        or _depending(refused, change)
    )
    return Words(text=told, blocks=tuple(section(told)))


def _depending(refused: Refusal, change: Change | None) -> str:
    match refused.code:
        case "unknown_repository":
            named = f" *{text.line(refused.detail, 100)}*" if refused.detail else " that repository"
            return (
                f"I don't work on{named}, so nothing was started. Check the name, or ask Shipmate's operator to add it."
            )
        case "own_change" | "unmapped" | "second_needed" | "may_not_approve":
            return _not_your_yes(refused, change)
        case "ended":
            return f"This change is over: {_where(refused, change)}. {NEW_THREAD}"
        case _:
            return f"Not now: {_where(refused, change)}. Nothing was changed."


def _not_your_yes(refused: Refusal, change: Change | None) -> str:
    """Say why this person's yes doesn't count, and whose yes would."""
    ready = change is not None and change.phase is Phase.READY
    needs = f"It needs {yes_from(change)}." if change and ready else "Ask a colleague who may."
    match refused.code:
        case "own_change":
            return f"You asked for this change, so a colleague has to approve it. Nothing was merged. {needs}"
        case "unmapped":
            entry = f'`{text.line(refused.detail, 40)} = {{ github = "…" }}`'
            return (
                "I don't know your GitHub login, so I can't tell you from the people who made this change. "
                f"Nothing was merged. Shipmate's operator can add {entry} under *people* in shipmate.toml. {needs}"
            )
        case "second_needed":
            return f"You already approved this. {needs}"
        case _:
            return f"Only some people may merge here, and you're not on the list, so nothing was merged. {needs}"


def _where(refused: Refusal, change: Change | None) -> str:
    if refused.detail in set(Phase):
        return WORDS[Phase(refused.detail)].now
    return WORDS[change.phase].now if change else "nothing is going on in this thread"
