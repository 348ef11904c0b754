"""Match people across Slack and GitHub: who made a change, and whose yes is independent of it.

Without this file one person with two accounts could ask with one and approve with the other.

Law: two accounts count as two people only where that is sure; an author whom we can't place takes two other people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.actor import Actor
from bot.domain.change import PEOPLE_SAY, Change
from bot.domain.frozen import Frozen


class Person(Frozen):
    """A person as far as we know: Slack member id, GitHub login in lower case, name; empty where unknown."""

    slack: str = ""
    login: str = ""
    name: str = ""


Logins = Mapping[str, str]
"""The operator's map: Slack member ids to GitHub logins."""


def person(actor: Actor, logins: Logins) -> Person:
    """Return who is behind a Slack account."""
    return Person(slack=actor.id, login=logins.get(actor.id, "").casefold(), name=actor.name or actor.id)


def same(one: Person, other: Person) -> bool | None:
    """Return whether two accounts are one person; None where nobody can say."""
    if one.login and other.login:
        return one.login == other.login
    if one.slack and other.slack:
        return one.slack == other.slack
    return None


def authors(change: Change, logins: Logins) -> tuple[Person, ...]:
    """Return everybody whose words or commits are in a change, the requester first, each once."""
    said = [Actor(id=note.by, name=note.author) for note in change.notes if note.kind in PEOPLE_SAY]
    spoke = [person(actor, logins) for actor in (change.requester, *said)]
    pushed = [Person(login=login.casefold(), name=login) for login in change.pushed_by]
    found: list[Person] = []
    for one in (*spoke, *pushed):
        if one not in found and not any(same(one, other) for other in found):
            found.append(one)
    return tuple(found)


def different(people: Iterable[Person]) -> tuple[Person, ...]:
    """Return the people of a list who are surely different from each other."""
    found: list[Person] = []
    for one in people:
        if all(same(one, other) is False for other in found):
            found.append(one)
    return tuple(found)


def seconded(author: Person, yeses: Iterable[Person]) -> bool:
    """Return whether a person other than this author approved. `yeses` are different people."""
    told = [same(author, yes) for yes in yeses]
    # Of two different people, at most one can be an author whom we can't place.
    return False in told or told.count(None) >= 2
