"""Whose yes a change still needs: tried out by the rules themselves, so that the card promises nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.actor import Actor
from bot.domain.approvals import Wanted
from bot.domain.change import Approval, Change
from bot.domain.frozen import revised
from bot.domain.people import Person, authors, person, same
from bot.domain.rules import Rules

_MOST = 3
"""More yeses than this are never needed."""


def wanted(change: Change, rules: Rules) -> Wanted:
    """Return who can still say yes, by the operator's list where there is one."""
    made = authors(change, rules.people)
    unplaced = tuple(one.login for one in made if not one.slack and not _placed(one, rules))
    if rules.may_approve:
        able = [one for one in (Actor(id=it, name=it) for it in rules.may_approve) if _adds(one, change, rules)]
        alone = [one for one in able if _lets_in((one,), change, rules)]
        yeses = 1 if alone else next((n for n in range(2, len(able) + 1) if _lets_in(able[:n], change, rules)), 0)
        people = tuple(one.id for one in (alone or able)) if yeses else ()
        return Wanted(yeses=yeses, people=people, unplaced=unplaced)
    others, theirs = _strangers(rules)
    yeses = next((n for n in range(1, _MOST + 1) if _lets_in(others[:n], change, theirs)), 0)
    known = [Actor(id=one.slack, name=one.name) for one in made if one.slack]
    known += [given.by for given in change.approvals] + list(change.barred)
    but = [one for one in known if not (_lets_in((one,), change, rules) if yeses == 1 else _adds(one, change, rules))]
    helpful = [one for one in known if _adds(one, change, rules)]
    together = yeses == 1 and len(but) > 1 and helpful == but and _lets_in(helpful, change, rules)
    return Wanted(yeses=yeses, but=_names(but, rules), together=together, unplaced=unplaced)


def _lets_in(people: Iterable[Actor], change: Change, rules: Rules) -> bool:
    """Return whether yeses of these people would be all that is missing."""
    more = tuple(Approval(by=one, head_sha="", fingerprint="", at=0.0) for one in people)
    return all(_adds(one.by, change, rules) for one in more) and rules.let_in(change, (*change.approvals, *more))


def _adds(one: Actor, change: Change, rules: Rules) -> bool:
    me = person(one, rules.people)
    given = any(same(me, person(yes.by, rules.people)) for yes in change.approvals)
    return not given and one.id not in {who.id for who in change.barred} and rules.approve(one, change) is None


def _strangers(rules: Rules) -> tuple[list[Actor], Rules]:
    """Return people who have nothing to do with the change, and the rules with these people in their map."""
    made = [Actor(id=f"other {n}", name="") for n in range(_MOST)]
    logins = {one.id: one.id for one in made} if rules.people else {}
    return made, revised(rules, people={**rules.people, **logins})


def _placed(author: Person, rules: Rules) -> bool:
    """Return whether we know that this author is, or is not, one of the people here."""
    return bool(author.login and rules.people)


def _names(people: Iterable[Actor], rules: Rules) -> tuple[str, ...]:
    """Return each person's name once, also of those who have two accounts."""
    found = {person(one, rules.people).login or one.id: one.name or one.id for one in people}
    return tuple(dict.fromkeys(found.values()))
