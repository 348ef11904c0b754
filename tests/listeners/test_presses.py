from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain import ids
from bot.domain.change import Change, Phase
from bot.domain.events import QuestionAsked
from tests import story
from tests.listeners.world import CHANNEL, World, world
from tests.story import SPENT, TWO

pytestmark = pytest.mark.attack("taps that must not count")


def test_ben_approves_what_ana_asked_for(here: World) -> None:
    change = here.reaches(Phase.READY)
    here.press("ben", change, "approve")
    here.settled()
    approved = here.fresh(change)
    assert approved.phase is Phase.MERGING
    assert [(one.by.name, one.head_sha) for one in approved.approvals] == [("Ben Okafor", story.HEAD)]
    assert here.bell.rung.count((change.id, "build")) >= 1


@pytest.mark.parametrize(
    ("person", "answer"), [("ana", "a colleague has to approve it"), ("mallory", "Guests cannot ask")]
)
def test_neither_the_asker_nor_a_guest_may_approve(here: World, person: str, answer: str) -> None:
    change = here.reaches(Phase.READY)
    with here.whispers(person) as whispered:
        here.press(person, change, "approve")
        assert answer in whispered()
    assert here.fresh(change).phase is Phase.READY
    assert here.journal(change)[-1] == "refused"


def test_a_push_in_between_voids_the_tap_in_a_clear_sentence(here: World) -> None:
    change = here.reaches(Phase.READY)
    card_before_the_push = here.shows(change)
    here.lives(change, story.moved(), story.ci("green", story.PUSHED))
    with here.whispers("ben") as whispered:
        here.phone.press("ben", CHANNEL, card_before_the_push, "approve")
        assert "for an older version" in whispered()
    assert here.fresh(change).approvals == ()


def test_fifty_parallel_approvals_are_one(here: World) -> None:
    change = here.reaches(Phase.READY)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    taps = [_again(payload, str(n)) for n in range(50)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(here.phone.interact, taps))
    here.settled()
    assert len(here.fresh(change).approvals) == 1
    assert here.fresh(change).phase is Phase.MERGING


def test_fifty_taps_of_one_person_are_one_of_the_two_yeses_that_a_held_change_needs(here: World) -> None:
    finding = story.judged(holds=("a new package",))
    steps = (story.prepared(), story.edits(), story.checked(), finding, story.published(), story.ci())
    change = here.lives(here.ask(), *steps)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(here.phone.interact, [_again(payload, str(n)) for n in range(100, 150)]))
    here.settled()
    assert [one.by.name for one in here.fresh(change).approvals] == ["Ben Okafor"]
    assert here.fresh(change).phase is Phase.READY


def test_the_same_tap_delivered_twice_is_one_event(here: World) -> None:
    change = here.reaches(Phase.READY)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    before = len(here.journal(change))
    assert here.phone.interact(payload)["ok"]
    here.settled()
    assert here.phone.interact(payload)["ok"]
    here.settled()
    assert len(here.journal(change)) == before + 1


def test_the_slack_of_others_cannot_approve(here: World) -> None:
    change = here.reaches(Phase.READY)
    ts = here.shows(change)
    here.services.people._conversations.clear()
    here.phone.fault("conversations.info", "error", times=5)
    with here.whispers("ben") as whispered:
        here.phone.press("ben", CHANNEL, ts, "approve")
        assert "I couldn't check your Slack account" in whispered()
    here.phone.clear_faults()
    here.services.people._conversations.clear()
    assert here.fresh(change).phase is Phase.READY


def test_a_card_shown_anywhere_else_decides_nothing(here: World) -> None:
    change = here.reaches(Phase.READY)
    other = here.phone.say("ben", CHANNEL, "look at this")
    ts = here.shows(change, thread_ts=other["ts"])
    with here.whispers("ben") as whispered:
        here.phone.press("ben", CHANNEL, ts, "approve")
        assert "older version" in whispered()
    assert here.fresh(change).phase is Phase.READY


@pytest.mark.parametrize("value", ["", "nonsense", "c0.s0", "cabcdefghijkl.abcdefghijklmnop", "x" * 2000])
def test_a_made_up_button_value_decides_nothing(here: World, value: str) -> None:
    change = here.reaches(Phase.READY)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    payload["actions"][0]["value"] = value
    with here.whispers("ben") as whispered:
        here.phone.interact(payload)
        assert "older version" in whispered()
    assert here.fresh(change).phase is Phase.READY


def test_the_button_of_another_change_decides_nothing_here(here: World) -> None:
    change, other = here.reaches(Phase.READY), here.reaches(Phase.READY)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    payload["actions"][0]["value"] = ids.press_value(other)
    here.phone.interact(payload)
    here.settled()
    assert here.fresh(change).phase is Phase.READY
    assert here.fresh(other).phase is Phase.READY


@pytest.mark.parametrize("action_id", ["merge_now", "approve:1:2", "answer:0", "choose_repository:99", "undo", "\n"])
def test_a_button_that_the_card_does_not_have_changes_nothing(here: World, action_id: str) -> None:
    change = here.reaches(Phase.READY)
    payload = here.phone.press_payload("ben", CHANNEL, here.shows(change), "approve")
    payload["actions"][0]["action_id"] = action_id
    with here.whispers("ben") as whispered:
        assert here.phone.interact(payload)["ok"]
        assert whispered()
    assert here.fresh(change).phase is Phase.READY


def test_asking_for_changes_opens_a_form_and_sends_its_words(here: World) -> None:
    change = here.reaches(Phase.READY)
    here.press("ben", change, "ask_changes")
    here.soon(lambda: here.phone.views("ben"))
    here.phone.submit("ben", values={"text": "Use cents & round up"})
    here.settled()
    asked = here.fresh(change)
    assert asked.phase is Phase.EDITING
    assert [(note.kind, note.author, note.text) for note in asked.notes] == [
        ("follow_up", "Ben Okafor", "Use cents & round up")
    ]


def test_a_form_sent_by_a_guest_is_refused_in_words(here: World) -> None:
    change = here.reaches(Phase.READY)
    here.press("mallory", change, "ask_changes")
    here.soon(lambda: here.phone.views("mallory"))
    with here.whispers("mallory") as whispered:
        here.phone.submit("mallory", values={"text": "Let me in"})
        assert "Guests cannot ask" in whispered()
    assert here.fresh(change).phase is Phase.READY


def test_an_answer_goes_to_the_work_in_full(here: World) -> None:
    long = "net, " + "and nothing else " * 10
    asked = QuestionAsked(text="Gross or net?", options=("gross", long), notes_read=0, usage=SPENT)
    change = here.lives(here.reaches(Phase.EDITING), asked)
    here.press("ana", change, "answer:1")
    here.settled()
    assert [(note.kind, note.text) for note in here.fresh(change).notes] == [("answer", long)]


def test_an_answer_to_an_older_question_is_refused(here: World) -> None:
    change = here.reaches(Phase.ASKING)
    old = here.shows(change)
    here.phone.say("ana", CHANNEL, "gross", thread_ts=change.place.thread_ts)
    here.settled()
    newer = QuestionAsked(text="Which colour?", options=("red", "blue"), notes_read=1, usage=SPENT)
    here.lives(change, newer)
    with here.whispers("ana") as whispered:
        here.phone.press("ana", CHANNEL, old, "answer:0")
        assert "older version" in whispered()
    assert here.fresh(change).phase is Phase.ASKING


def test_stop_close_retry_and_undo_are_taken_from_the_card(here: World) -> None:
    for phase, action_id, after in (
        (Phase.EDITING, "stop", Phase.STOPPED),
        (Phase.READY, "close", Phase.DECLINED),
        (Phase.STUCK, "retry", Phase.EDITING),
        (Phase.MERGED, "undo", Phase.UNDOING),
    ):
        change = here.reaches(phase)
        here.press("ana", change, action_id)
        here.settled()
        assert here.fresh(change).phase is after, action_id


def test_the_second_tap_merges_the_undo(here: World) -> None:
    change = here.lives(here.reaches(Phase.UNDOING), story.undo_opened(), story.undo_ci())
    here.press("ben", change, "undo_approve")
    here.settled()
    undo = here.fresh(change).undo
    assert undo is not None
    assert undo.approved_by is not None


def test_buttons_that_open_a_page_are_answered_and_nothing_else(here: World) -> None:
    change = here.reaches(Phase.READY)
    before = here.journal(change)
    here.silent("ben", lambda: None)
    ts = here.shows(change)
    assert here.phone.press("ben", CHANNEL, ts, "view_pull")["ok"]
    here.settled()
    assert here.journal(change) == before


def test_the_shortcut_makes_a_request_of_whoever_pressed(here: World) -> None:
    said = here.phone.say("mallory", CHANNEL, "the total should include tax")
    here.phone.shortcut("ana", CHANNEL, said["ts"])
    change = here.soon(lambda: here.change_at(said["ts"]))
    assert (change.requester.name, change.request) == ("Ana Soto", "the total should include tax")


def test_the_shortcut_twice_is_one_change_and_a_sentence(here: World) -> None:
    said = here.phone.say("ben", CHANNEL, "the total should include tax")
    here.phone.shortcut("ana", CHANNEL, said["ts"])
    here.soon(lambda: here.change_at(said["ts"]))
    with here.whispers("ana") as whispered:
        here.phone.shortcut("ana", CHANNEL, said["ts"])
        assert "already done" in whispered()


def test_the_shortcut_where_we_are_not_is_answered_privately(here: World) -> None:
    said = here.phone.say("ben", "C0RANDOM01", "the total should include tax")
    with here.whispers("ana") as whispered:
        here.phone.shortcut("ana", "C0RANDOM01", said["ts"])
        assert "Invite me first" in whispered()
    assert here.change_at(said["ts"], "C0RANDOM01") is None


def test_the_command_helps_and_sends_requests_to_a_message(here: World) -> None:
    for typed, answer in (
        ("help", "Tell me what to change"),
        ("status", "Your latest requests"),
        ("fix it", "mentions me"),
    ):
        here.ask()
        with here.whispers("ana") as whispered:
            here.phone.command("ana", CHANNEL, "/shipmate", typed)
            assert answer in whispered()


def test_home_shows_what_is_going_on(here: World) -> None:
    here.ask("@Shipmate something for the home tab")
    here.phone.open_home("ana", "home")
    shown = here.soon(lambda: here.phone.home("ana"))
    assert "something for the home tab" in str(shown)
    here.phone.open_home("mallory", "home")
    assert "something for the home tab" not in str(here.soon(lambda: here.phone.home("mallory")))


@pytest.fixture
def two_repositories(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    with world(sqlite_url, tmp_path, TWO) as running:
        yield running


def test_which_repository_is_answered_by_a_tap_or_by_its_name(two_repositories: World) -> None:
    here = two_repositories
    change = here.ask()
    assert change.phase is Phase.RECEIVED
    here.press("ana", change, "choose_repository:1")
    here.settled()
    assert here.fresh(change).repository == "acme/site"
    other: Change = here.ask()
    here.phone.say("ana", CHANNEL, "till", thread_ts=other.place.thread_ts)
    here.settled()
    assert here.fresh(other).repository == "acme/till"


def _again(payload: dict[str, object], n: str) -> dict[str, object]:
    """The same button tapped once more: a tap has its own trigger and time."""
    actions = payload["actions"]
    assert isinstance(actions, list)
    return payload | {"trigger_id": f"t.{n}", "actions": [actions[0] | {"action_ts": f"1700000000.{n.zfill(6)}"}]}
