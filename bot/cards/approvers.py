"""Name the people whose yes is missing: the listed approvers, else anyone but the people who made the change."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import text
from bot.domain.actor import Actor
from bot.domain.approvals import Wanted
from bot.domain.change import Change

_NUMBERS = {2: "two", 3: "three"}
_MOST = 5


def yes_from(change: Change) -> str:
    """Return "a yes from anyone but Ana", "one more yes from @ben or @cat"; it follows "needs" or "waiting for"."""
    needs = missing(change)
    if needs.yeses == 0:
        return "a yes that no one on the list of approvers can give: Shipmate's operator has to add someone"
    more = " more" if change.approvals else ""
    if needs.yeses == 1:
        told = "one more yes" if more else "a yes"
    else:
        told = f"{_NUMBERS.get(needs.yeses, needs.yeses)}{more} yeses"
    return f"{told} from {_whom(needs)}{_unplaced(needs)}"


def missing(change: Change) -> Wanted:
    """Return whose yes is missing; changes from before this was written down say it by their requester."""
    if change.wanted is not None:
        return change.wanted
    but = () if change.self_approval else (change.requester.name,)
    return Wanted(yeses=2 if change.holds and not change.approvals else 1, but=but)


def joined(names: Sequence[str], last: str = "and") -> str:
    """Return `Ana`, `Ana and Ben`, `Ana, Ben and Cleo`."""
    return f" {last} ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _whom(needs: Wanted) -> str:
    if needs.people:
        named = [text.mention(Actor(id=one, name=one)) for one in needs.people[:_MOST]]
        named += ["others who may approve"] if len(needs.people) > _MOST else []
        return joined(named, "and" if needs.yeses == len(needs.people) else "or")
    but = f" but {joined([text.line(name, 40) for name in needs.but])}" if needs.but else ""
    together = " (or from each of them)" if needs.together else ""
    return f"anyone{but}{together}"


def _unplaced(needs: Wanted) -> str:
    if not needs.unplaced or needs.yeses < 2:
        return ""
    who = joined([text.line(login, 40) for login in needs.unplaced if login]) or "someone"
    return f", because {who} pushed to it on GitHub and I can't tell who that is here"
