"""Who may do what, for which repositories, within which budget. Read once from the operator's file.

Law: every "no" has a code, so that the card, the journal and the tests say the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bot.domain.actor import Actor
from bot.domain.change import Approval, Change
from bot.domain.frozen import Frozen
from bot.domain.people import authors, different, person, same, seconded
from bot.domain.tiers import Budget, Tier

RefusalCode = Literal[
    "stranger",
    "guest",
    "robot",
    "absent",
    "unverified",
    "may_not_ask",
    "may_not_approve",
    "own_change",
    "unmapped",
    "empty_request",
    "no_repository_served",
    "unknown_repository",
    "outdated",
    "red",
    "blocked",
    "not_now",
    "already",
    "second_needed",
    "ended",
]

AskBeforeCi = Literal["risky", "always", "never"]
"""When a person is asked before CI may run a change: where new code would run with something to take, always, never."""

_TIER_CHOSEN = re.compile(r"\s*(?:\[([\w-]{1,30})\]|([\w-]{1,30}):)\s+(?=\S)")


class Refusal(Frozen):
    """A no, with its reason; `detail` is outside text (a name, a phase), escaped where it is shown."""

    code: RefusalCode
    detail: str = ""


class Rules(Frozen):
    """The operator's rules. Without rules of their own, any full member asks, and another full member approves.

    `channels` maps a channel id or "#name" to a repository; `people` Slack ids to GitHub logins: two accounts with one
    login are one person, and without a map each Slack account is one. Empty `may_ask` or `may_approve` means any full
    member. `max_tokens` counts input and output tokens of one change, `max_minutes` the
    time of Claude and its tools; each is granted again when a person says to go on.
    """

    repositories: tuple[str, ...] = ()
    channels: dict[str, str] = Field(default_factory=dict)
    people: dict[str, str] = Field(default_factory=dict)
    may_ask: tuple[str, ...] = ()
    may_approve: tuple[str, ...] = ()
    self_approval: bool = False
    max_rounds: int = 3
    max_turns: int = 60
    max_minutes: int = 60
    max_tokens: int = 2_000_000
    max_dollars: float = 10.0
    max_vetoes: int = 2
    ask_before_ci: AskBeforeCi = "risky"
    tiers: dict[str, Tier] = Field(default_factory=dict)
    team: str = ""

    def who(self, actor: Actor) -> Refusal | None:
        """Return why this person may do nothing at all, or None."""
        match actor.standing:
            case "member":
                return None
            case "guest":
                return Refusal(code="guest")
            case "bot" | "gone":
                return Refusal(code="robot")
            case "stranger":
                return Refusal(code="stranger")
            case "absent":
                return Refusal(code="absent")
            case "unknown":
                return Refusal(code="unverified")

    def ask(self, actor: Actor) -> Refusal | None:
        """Return why this person may not ask for changes (or steer one), or None."""
        if refusal := self.who(actor):
            return refusal
        if self.may_ask and actor.id not in self.may_ask and actor.id not in self.may_approve:
            return Refusal(code="may_not_ask")
        return None

    def approve(self, actor: Actor, change: Change) -> Refusal | None:
        """Return why this person's yes to this change counts for nothing, or None."""
        if refusal := self.approve_undo(actor):
            return refusal
        me = person(actor, self.people)
        if self.self_approval and same(me, person(change.requester, self.people)):
            return None
        if self.people and not me.login:
            return Refusal(code="unmapped", detail=actor.id)
        if all(same(me, author) for author in authors(change, self.people)):
            return Refusal(code="own_change")
        return None

    def let_in(self, change: Change, approvals: tuple[Approval, ...]) -> bool:
        """Return whether each author's work was approved by someone else, and enough different people approved."""
        return self._enough(change, [given.by for given in approvals], self.approvers(change))

    def _enough(self, change: Change, people: Iterable[Actor], at_least: int) -> bool:
        yeses = different(person(one, self.people) for one in people)
        own = self.self_approval and any(same(yes, person(change.requester, self.people)) for yes in yeses)
        covered = own or all(seconded(author, yeses) for author in authors(change, self.people))
        return covered and len(yeses) >= at_least

    def approvers(self, change: Change) -> int:
        """Return how many different people must approve: two where a finding asks for a second pair of eyes."""
        return 2 if change.holds else 1

    def allowances(self, change: Change) -> int:
        """Return how many people must allow a version before it is pushed: two where it was stopped, one before CI."""
        if change.passable:
            return 2
        return int(self.ask_before_ci == "always" or (self.ask_before_ci == "risky" and change.reach.risky))

    def may_leave(self, change: Change) -> bool:
        """Return whether a version may be pushed: it was examined, and enough people allowed exactly this tree."""
        if change.judged != change.tree:
            return False
        needed = self.allowances(change)
        return not needed or self._enough(change, [one.by for one in change.allowed if one.tree == change.tree], needed)

    def approve_undo(self, actor: Actor) -> Refusal | None:
        """Going back to what was there before takes an approver, but not a second person."""
        if refusal := self.who(actor):
            return refusal
        if self.may_approve and actor.id not in self.may_approve:
            return Refusal(code="may_not_approve")
        return None


_NAME = r"`?([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)`?"
_BARE = re.compile(rf"(?<![\w/.:-]){_NAME}(?![\w/-])")
_LINK = re.compile(r"https?://[^\s/<>|]+/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*?)(?:\.git)?(?=[/\s<>|#?),.]|$)")
_CALLED = re.compile(rf"\brepo(?:sitory)?[:\s]+{_NAME}|\b(?:in|for|on)\s+(?:the\s+)?{_NAME}\s+repo", re.I)
_BELONGS = re.compile(rf"\b(?:in|for|on|to)\s+{_NAME}(?![\w/-])", re.I)


def named_repository(rules: Rules, text: str) -> tuple[str | None, str | None]:
    """Return (served, unserved) repository named in a request, at most one of them set.

    A served full name or its link counts anywhere. A name that is not served counts only where the text calls it a
    repository, or where it follows "in", "for", "on" or "to" and its owner is one that we serve, so that paths such as
    `src/app` are not taken for repositories.
    """
    served = {name.lower(): name for name in rules.repositories}
    for found in (*_BARE.finditer(text), *_LINK.finditer(text)):
        if name := served.get(found.group(1).rstrip(".").lower()):
            return name, None
    short = {name.split("/")[-1].lower(): name for name in rules.repositories}
    ending = re.search(r"\b(?:in|repo|repository)\s+`?([\w.-]+)`?\s*$", text, re.I)
    if ending and (name := short.get(ending.group(1).rstrip(".").lower())):
        return name, None
    if called := _CALLED.search(text):
        return None, (called.group(1) or called.group(2)).rstrip(".")
    owners = {name.split("/")[0] for name in served}
    for found in _BELONGS.finditer(text):
        if found.group(1).split("/")[0].lower() in owners:
            return None, found.group(1).rstrip(".")
    return None, None


def default_repository(rules: Rules, channel: str, channel_name: str) -> str | None:
    """Return the repository of a channel without a question: its own default, or the only one served."""
    for key in (channel, f"#{channel_name}", channel_name):
        if key in rules.channels:
            return rules.channels[key]
    return rules.repositories[0] if len(rules.repositories) == 1 else None


def chosen(rules: Rules, text: str) -> tuple[str, str]:
    """Return (the tier that a request names at its beginning, "deep: ..." or "[deep] ...", or ""; the request without
    it).
    """
    found = _TIER_CHOSEN.match(text)
    name = (found[1] or found[2]).lower() if found else ""
    return (name, text[found.end() :]) if found and name in rules.tiers else ("", text)


def budget(rules: Rules, tier: str, grants: int) -> Budget:
    """Return what a change of a tier may use, as often as people granted it."""
    own = rules.tiers.get(tier, Tier())
    return Budget(
        turns=(own.turns or rules.max_turns) * grants,
        minutes=(own.minutes or rules.max_minutes) * grants,
        tokens=(own.tokens or rules.max_tokens) * grants,
        dollars=(own.dollars or rules.max_dollars) * grants,
    )
