"""The card of a question that a person has to answer before work continues."""

from __future__ import annotations

from bot.cards import Words, buttons, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.leaving import leaving
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def question(change: Change, now: float) -> Words:
    """Return the question with its possible answers as buttons; typing the answer always works too."""
    asked = change.question
    if asked is None:
        return frame(change, ":eyes: *Got it.* I'm about to start.", buttons=actions(buttons.stop(change)))
    if asked.about == "publish":
        return leaving(change, now)
    answers = buttons.options(change)
    if asked.about == "repository":
        state = heading(Phase.RECEIVED)
        hint = (
            "Tap one, or reply here with its name."
            if answers
            else f"There are {len(asked.options)} to choose from. Reply here with its name, such as "
            f"{text.line(asked.options[0], 100) if asked.options else 'acme/app'}."
        )
        details = section(hint)
    elif asked.about == "budget":
        state = ":hourglass: *I've reached this change's limit*"
        hint = "*Go on* allows the same again. *Stop here* ends it without a pull request."
        if change.pull:
            hint = "*Go on* allows the same again. *Stop here* closes the pull request; nothing is merged."
        details = [*section(text.quote(asked.text, 1_500, 15)), *section(hint)]
    else:
        state = heading(Phase.ASKING)
        hint = "Tap an answer, or reply here in your own words." if answers else "Reply here in your own words."
        details = [*section(text.quote(asked.text, 1_500, 15)), *section(hint)]
    return frame(
        change, state, details, buttons=[*answers, *([] if asked.about == "budget" else actions(buttons.stop(change)))]
    )
