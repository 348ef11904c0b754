"""One change, lived through the phone; and what must be true of it at the end, whatever was killed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain import ids
from bot.domain.change import Change, Phase
from bot.store import StoreDown
from playground.slack.client import PhoneRefused
from tests.journeys import shop
from tests.journeys.town import Town

CHANNEL = "#till"
ENDS = {Phase.STUCK, Phase.STOPPED, Phase.DECLINED}


@dataclass
class Life:
    """A request in `CHANNEL`, and its thread."""

    town: Town
    channel: str
    thread: str

    @property
    def change(self) -> Change:
        """The change as it is stored."""
        found = self.seen()
        assert found is not None, "there is no change yet"
        return found

    def seen(self) -> Change | None:
        """The change, if there is one yet, and a database to read it from."""
        try:
            recent = self.town.store.changes.recent(200)
        except StoreDown:
            return None
        return next((one for one in recent if one.place.thread_ts == self.thread), None)

    def reaches(self, *phases: Phase, seconds: float = 90.0) -> Change:
        """Wait for a phase; an end that is not wanted is a failure at once."""

        def there() -> Change | None:
            change = self.seen()
            if change is None:
                return None
            lost = change.phase in ENDS and change.phase not in phases
            assert not lost, f"{change.phase}: {change.failure}\n{self.town.logs()}"
            return change if change.phase in phases else None

        return self.town.until(there, f"reaching {', '.join(phases)}", seconds)

    def messages(self) -> list[dict[str, Any]]:
        """The whole thread."""
        return self.town.phone.thread(self.channel, self.thread)

    def cards(self) -> list[dict[str, Any]]:
        """Every message of ours that carries the card's key."""
        return [one for one in self.messages() if _key(one) == f"card:{self.change.id}"]

    def offers(self, action: str) -> dict[str, Any]:
        """Wait until the card shows a button of the change as it is now, and return the card."""

        def there() -> dict[str, Any] | None:
            change = self.seen()
            if change is None:
                return None
            return next((one for one in self.cards() if _buttons(one).get(action) == ids.press_value(change)), None)

        return self.town.until(there, f"a card with {action}")

    def taps(self, person: str, action: str) -> dict[str, Any]:
        """Tap a button of the card, once it is there."""
        return self.town.phone.press(person, self.channel, self.offers(action)["ts"], action)

    def decides(self, person: str, action: str, *phases: Phase) -> Change:
        """Tap, and tap again where the app did not take it (as a person would), until the change has moved on."""
        for _ in range(5):
            if self.change.phase in phases:
                break
            try:
                if self.taps(person, action).get("ok"):
                    break
            except (PhoneRefused, OSError):
                continue
        return self.reaches(*phases)

    def says(self, person: str, text: str) -> dict[str, Any]:
        """A reply in the thread."""
        return self.town.phone.say(person, self.channel, text, self.thread)

    def is_quiet(self) -> Change:
        """Wait until nothing is left to do for this change."""
        waiting = {"WatchPull", "ReadCi"}
        outbox = self.town.store.outbox
        self.town.until(lambda: not set(outbox.open_kinds(self.change.id)) - waiting, "an empty outbox")
        return self.change

    def holds_together(self, *, most_wasted: int = 0) -> None:
        """One card, one branch, one pull request, at most one merge, no stored turn asked again, a whole journal.

        `most_wasted`: how many beginnings of a turn a crash may have lost, at most one for each.
        """
        town, change = self.town, self.is_quiet()
        assert len(self.cards()) == 1, [one.get("text") for one in self.cards()]
        said = [_key(one) for one in self.messages() if _key(one)]
        assert len(said) == len(set(said)), f"something was said twice: {said}"
        pulls = [one for one in town.forge.pulls(shop.NAME) if change.id in one["head_ref"]]
        heads = [one["head_ref"] for one in pulls]
        wanted = {branch for branch in (change.branch if change.pull else None, self._undo_branch()) if branch}
        assert sorted(heads) == sorted(wanted), heads
        merged = [one for one in town.forge.merges(shop.NAME) if one["number"] in {pull["number"] for pull in pulls}]
        numbers = [one["number"] for one in merged]
        assert len(numbers) == len(set(numbers))
        assert len(merged) == {Phase.MERGED: 1, Phase.UNDOING: 1, Phase.UNDONE: 2}.get(change.phase, 0)
        assert town.store.journal.verify(change.id)
        assert self.wasted() <= most_wasted
        assert self._repeated_calls() <= self.wasted()

    def _undo_branch(self) -> str | None:
        undo = self.change.undo
        return ids.undo_branch(self.change) if undo and undo.pull else None

    def wasted(self) -> int:
        """How many times a turn or a review was begun again because its reply had not been stored."""
        store = self.town.store
        return store.turns.wasted(self.change.id) + store.calls.wasted(self.change.id)

    def _repeated_calls(self) -> int:
        """Calls that the model got more than once since the request."""
        calls = [call.request_hash for call in self.town.model.calls()]
        assert calls, "the model was never asked"
        return len(calls) - len(set(calls))


def asks(town: Town, text: str, person: str = "ana") -> Life:
    """Ask, as a mention in the channel."""
    town.model.clear_calls()
    said = town.phone.say(person, CHANNEL, f"@Shipmate {text}")
    return Life(town, said["channel"], said["ts"])


def _key(message: dict[str, Any]) -> str:
    return str(((message.get("metadata") or {}).get("event_payload") or {}).get("key", ""))


def _buttons(card: dict[str, Any]) -> dict[str, str]:
    """Values of the buttons by action."""
    blocks = card.get("blocks") or []
    parts = [part for block in blocks for part in block.get("elements") or []]
    return {str(part.get("action_id")): str(part.get("value")) for part in parts}
