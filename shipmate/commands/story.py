"""Drive one change on the playground as people would: with messages and taps, watching the card.

Law: it acts only through the phone of the Slack stand-in. The database is read to know the phase, and never written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards import buttons
from bot.cards.disk_full import WAITS
from bot.cards.facts import UNISOLATED
from bot.cards.phases import WORDS
from bot.domain.change import Change, Phase
from bot.store import Store, StoreDown
from playground.slack.client import PhoneRefused, SlackPhone
from shipmate.commands.findings import beyond, counted, forge_checks
from shipmate.commands.progress import Progress

CHANNEL = "#till"
_TAKEN_SECONDS = 30.0
_LOST = frozenset({Phase.STUCK, Phase.STOPPED, Phase.DECLINED})


class StoryEnded(Exception):
    """The change did not reach its goal; the message says why."""


class TimeOver(Exception):
    """It took longer than allowed."""


@dataclass
class Story:
    """`asker` and `approver` are people of the playground; `deadline` is on the monotonic clock."""

    phone: SlackPhone
    store: Store
    progress: Progress
    asker: str
    approver: str
    deadline: float
    tend: Callable[[], None]
    second: str = "cleo"
    change: Change | None = None
    _phase: Phase | None = None
    _channel: str = ""
    _thread: str = ""
    _waits: str = ""

    def ask(self, request: str) -> None:
        """Send the request as the asker and wait until Shipmate has taken it."""
        self.progress.step(f"{self.asker} asks: {request}", request=request)
        known = {message["ts"] for message in self.phone.ephemerals(self.asker)}
        said = self.phone.say(self.asker, CHANNEL, f"@Shipmate {request}")
        self._channel, self._thread = said["channel"], said["ts"]
        taken_by = time.monotonic() + _TAKEN_SECONDS
        while not self._look():
            whispered = any(message["ts"] not in known for message in self.phone.ephemerals(self.asker))
            if time.monotonic() > taken_by or (whispered and not self._look()):
                raise StoryEnded(self._answer(self.asker) or "Shipmate did not take the request")
            self._pause()

    def until(self, *phases: Phase) -> None:
        """Follow the change until it is in one of `phases`, answering questions with their first option."""
        while True:
            change = self._look()
            if change and change.phase in phases:
                return
            self._refuse_lost(change)
            if change and change.phase is Phase.ASKING and change.question and change.question.about == "publish":
                self.allow()
            elif (
                change
                and change.phase in {Phase.ASKING, Phase.RECEIVED}
                and change.question
                and change.question.options
            ):
                verb = "choose_repository" if change.question.about == "repository" else "answer"
                self.progress.step(f"{self.asker} answers “{change.question.text}” with {change.question.options[0]}")
                self.press(self.asker, f"{verb}:0")
            self._pause()

    def press(self, person: str, action: str, label: str = "") -> None:
        """Tap a button of the card, and wait until that has changed something. Raises `StoryEnded` with the refusal."""
        change = self._shown(action)
        if label:
            self.progress.step(f"{person} taps {label}")
        known = {message["ts"] for message in self.phone.ephemerals(person)}
        before = (change.version, change.phase)
        answer = self.phone.press(person, self._channel, change.card_ts or "", action)
        if not answer.get("ok", False):
            raise StoryEnded(
                f"Shipmate did not take the tap: {answer.get('warning') or answer.get('reason') or answer}"
            )
        taken_by = time.monotonic() + _TAKEN_SECONDS
        while time.monotonic() < taken_by:
            found = self._look()
            if found and (found.version, found.phase) != before:
                return
            for message in self.phone.ephemerals(person):
                if message["ts"] not in known:
                    raise StoryEnded(f"{person} may not: {message.get('text', '')}")
            self._pause()
        raise StoryEnded(f"Nothing happened after {person} tapped {label or action}")

    def allow(self) -> None:
        """Allow pushing the version to GitHub: the approver taps, and a second person if a guard stopped it."""
        change = self._shown("allow")
        who = self.second if change.allowed else self.approver
        label = buttons.allow(change)["text"]["text"]
        self.press(who, "allow", label)

    def approve(self, *people: str) -> None:
        """Let the approvers tap, one after the other, until the merge starts; most changes need one of them."""
        for person in people:
            given = len(self._shown("approve").approvals)
            first_of_two = self.change and self.change.holds and not given
            self.press(person, "approve", "Approve (1 of 2)" if first_of_two else "Approve & merge")
            while self.change and self.change.phase is Phase.READY and len(self.change.approvals) == given:
                self._pause()
                self._look()
            if not self.change or self.change.phase is not Phase.READY:
                return
            self.progress.step(f"a second approver is needed: {'; '.join(self.change.holds)}")

    def shows(self, action: str) -> None:
        """Wait until the card on the phone offers `action`."""
        self._shown(action)

    def facts(self) -> dict[str, object]:
        """Return what the change is now, for the last word."""
        change = self.change
        if change is None:
            return {}
        undo = change.undo.pull.url if change.undo and change.undo.pull else None
        return {
            "change": change.id,
            "phase": change.phase.value,
            "title": change.title,
            "checks": counted(change),
            **beyond(change),
            "ci": forge_checks(change.ci),
            "pull": change.pull.url if change.pull else None,
            "merge_sha": change.merge_sha,
            "undo": undo,
            "builds": [build.url for build in change.builds],
            "model": f"{change.model} (scripted)" if change.scripted else change.model,
            "sandbox": UNISOLATED if change.sandbox == "process" else None,
            "usage": change.usage.model_dump(),
        }

    def _shown(self, action: str) -> Change:
        """Return the change once its card shows the button, since only visible buttons are tapped."""
        while True:
            change = self._look()
            self._refuse_lost(change)
            card = self._card(change) if change else None
            if change and card and action in _actions(card):
                return change
            self._pause()

    def _refuse_lost(self, change: Change | None) -> None:
        if change and change.phase in _LOST:
            why = change.failure.reason if change.failure else ""
            raise StoryEnded(f"{WORDS[change.phase].label}{': ' + why if why else ''}")

    def _look(self) -> Change | None:
        try:
            found = [one for one in self.store.changes.recent(50) if one.place.thread_ts == self._thread]
        except StoreDown:
            return self.change
        if not found:
            return None
        self.change = change = found[0]
        if change.phase is not self._phase:
            self._phase = change.phase
            pull = change.pull.url if change.pull else None
            self.progress.step(WORDS[change.phase].label, phase=change.phase.value, pull=pull)
        card = self._card(change)
        if card:
            self.progress.detail(self._waits or _state(card))
        return change

    def _card(self, change: Change) -> dict[str, Any] | None:
        if not change.card_ts:
            return None
        try:
            thread = self.phone.thread(self._channel, self._thread)
        except (PhoneRefused, OSError):
            return None
        self._waits = next((text for message in thread if WAITS in (text := str(message.get("text", "")))), "")
        return next((message for message in thread if message["ts"] == change.card_ts), None)

    def _answer(self, person: str) -> str:
        try:
            said = [message for message in self.phone.thread(self._channel, self._thread) if message.get("bot_id")]
            said += self.phone.ephemerals(person)
        except (PhoneRefused, OSError):
            return ""
        return f"Shipmate answers: {said[-1].get('text', '')}" if said else ""

    def _pause(self) -> None:
        self.tend()
        if time.monotonic() > self.deadline:
            raise TimeOver
        time.sleep(0.1)


def _actions(card: dict[str, Any]) -> set[str]:
    blocks = card.get("blocks") or []
    return {
        str(part.get("action_id")) for block in blocks for part in block.get("elements") or [] if isinstance(part, dict)
    }


def _state(card: Mapping[str, object]) -> str:
    return str(card.get("text", "")).split("\n", 1)[0]
