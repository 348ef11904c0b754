"""Who may press a button: somebody who can see the card, as Slack says at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.change import Change, Phase
from playground.slack.config import ANA, BEN, CLEO, EVE, MALLORY, TILL, ChannelSeed
from tests.listeners.world import CHANNEL, World, world
from tests.story import TILL as RULES

VAULT = "C0VAULT001"
PRIVATE = ChannelSeed(VAULT, "vault", (ANA.id, MALLORY.id, BEN.id), is_private=True)


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    people = (ANA, BEN, CLEO, MALLORY, EVE)
    rooms = (TILL, PRIVATE)
    with world(sqlite_url, tmp_path, RULES, people=people, channels=rooms, members_page=2) as running:
        yield running


def ready(here: World, channel: str = CHANNEL) -> Change:
    said = here.phone.say("ana", channel, "@Shipmate make the total include tax")
    return here.reaches(Phase.READY, here.soon(lambda: here.change_at(said["ts"], channel)))


def taps(here: World, person: str, change: Change, shown: str, action_id: str = "approve") -> Callable[[], Any]:
    payload = here.phone.press_payload(person, change.place.channel, shown, action_id)
    return lambda: here.phone.interact(payload)


def refused(here: World, change: Change, person: str, tap: Callable[[], Any], why: str) -> None:
    whispers: AbstractContextManager[Callable[[], str]] = here.whispers(person)
    with whispers as whispered:
        tap()
        assert why in whispered()
    assert here.fresh(change).phase is Phase.READY
    assert here.fresh(change).approvals == ()


def test_a_member_of_a_private_channel_is_found_on_the_last_page_of_its_members(here: World) -> None:
    change = ready(here, VAULT)
    here.press("ben", change, "approve")
    here.settled()
    assert here.fresh(change).phase is Phase.MERGING


@pytest.mark.parametrize("action_id", ["approve", "close"])
def test_a_full_member_who_is_not_in_the_private_channel_has_no_say(here: World, action_id: str) -> None:
    change = ready(here, VAULT)
    payload = here.phone.press_payload("ben", VAULT, here.shows(change), action_id)
    payload["user"] |= {"id": CLEO.id, "username": "cleo", "name": "cleo"}
    before = len(here.journal(change))
    here.phone.interact(payload)
    here.settled()
    assert here.fresh(change).phase is Phase.READY
    assert here.journal(change)[before:] == ["refused"]


def test_somebody_who_was_removed_from_the_private_channel_a_moment_ago_has_no_say(here: World) -> None:
    change = ready(here, VAULT)
    tap = taps(here, "ben", change, here.shows(change))
    here.phone.change_members(VAULT, remove=[BEN.id])
    before = len(here.journal(change))
    tap()
    here.settled()
    assert here.fresh(change).phase is Phase.READY
    assert here.journal(change)[before:] == ["refused"]


def test_where_slack_does_not_say_who_is_in_the_channel_nobody_has_a_say(here: World) -> None:
    change = ready(here, VAULT)
    tap = taps(here, "ben", change, here.shows(change))
    here.phone.fault("conversations.members", "error", times=5)
    refused(here, change, "ben", tap, "I couldn't check your Slack account")


def test_a_member_who_was_deactivated_a_moment_ago_has_no_say(here: World) -> None:
    change = ready(here)
    here.ask(by="ben")  # so that Ben is remembered as a member
    tap = taps(here, "ben", change, here.shows(change))
    here.phone.change_user("ben", deleted=True)
    tap()
    here.settled()
    assert here.fresh(change).phase is Phase.READY
    assert here.journal(change)[-1] == "refused"


def test_a_channel_that_was_shared_with_another_company_a_moment_ago_decides_nothing(here: World) -> None:
    change = ready(here)
    tap = taps(here, "ben", change, here.shows(change))
    here.phone.change_channel(CHANNEL, is_ext_shared=True, is_shared=True)
    refused(here, change, "ben", tap, "in channels that are not shared")


def test_somebody_of_another_company_has_no_say(here: World) -> None:
    change = ready(here)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    here.phone.change_members(CHANNEL, add=[EVE.id])
    payload["user"] |= {"id": EVE.id, "username": "eve", "name": "eve", "team_id": "T0OTHER001"}
    here.phone.interact(payload)
    here.settled()
    assert here.fresh(change).phase is Phase.READY


def test_in_a_public_channel_any_full_member_has_a_say(here: World) -> None:
    change = ready(here)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    here.phone.change_members(CHANNEL, remove=[CLEO.id])
    payload["user"] |= {"id": CLEO.id, "username": "cleo", "name": "cleo"}
    here.phone.interact(payload)
    here.settled()
    assert here.fresh(change).phase is Phase.MERGING
