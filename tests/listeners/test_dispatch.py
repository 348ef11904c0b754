"""What happens to an event after its answer: bounded, in batches, and nothing forgotten that matters."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.domain.change import Phase
from bot.listeners import dispatch
from bot.listeners.early_replies import EarlyReplies
from tests.listeners.world import CHANNEL, World
from tests.web.posting import event, send_slack


def reply(here: World, root: str, ts: str, text: str = "and round it") -> dict[str, Any]:
    """A reply of ana's in a thread, not spoken to us."""
    made = event(here, ts, event_id=f"Ev{ts}")
    made["event"] |= {"type": "message", "text": text, "thread_ts": root, "channel_type": "channel"}
    return made


def rows(here: World) -> dict[str, bool]:
    """Deliveries by key, and whether they are done."""
    with here.store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT key, done_at FROM deliveries").all()
    return {key: done is not None for key, done in found}


def test_an_overheard_reply_is_kept_and_done_without_a_word(here: World) -> None:
    def act() -> None:
        assert send_slack(here, reply(here, "1500000000.000100", "1500000001.000100")) == (200, "")

    here.silent("ana", act)
    assert here.soon(lambda: rows(here).get("event:Ev1500000001.000100"))


def test_many_replies_in_the_thread_of_a_change_are_all_noted(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    root = change.place.thread_ts
    for n in range(30):
        body = reply(here, root, f"{float(root) + n + 1:.6f}", f"note number {n}")
        assert send_slack(here, body)[0] == 200
    here.soon(lambda: len(here.fresh(change).notes) == 30)
    assert {note.text for note in here.fresh(change).notes} == {f"note number {n}" for n in range(30)}


def test_what_does_not_fit_into_memory_waits_as_a_row_for_the_replay(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST_WAITING", 0)
    monkeypatch.setattr("bot.listeners.replay.OLDER_THAN", 0.0)
    ts = "1500000100.000100"
    assert send_slack(here, event(here, ts)) == (200, "")
    assert rows(here)[f"event:Ev{ts}"] is False
    assert here.change_at(ts) is None
    monkeypatch.undo()
    with here.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET taken_at = 0 WHERE done_at IS NULL")
    here.soon(lambda: here.change_at(ts))


def test_a_repeated_event_is_answered_and_done_once(here: World) -> None:
    ts = "1500000200.000100"
    assert [send_slack(here, event(here, ts))[0] for _ in range(3)] == [200, 200, 200]
    change = here.soon(lambda: here.change_at(ts))
    here.settled()
    assert here.journal(change).count("moved") == 1


def test_an_event_in_a_form_goes_the_long_way(here: World) -> None:
    """Bolt reads forms; the straight way is for what Slack really sends."""
    from urllib.parse import urlencode

    from tests.web.posting import post, slack_headers

    body = urlencode({"payload": json.dumps(event(here, "1500000300.000100"))}).encode()
    headers = slack_headers(here, body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(here, "/slack/events", body, headers)[0] in {200, 404}
    here.settled()


def test_a_thread_that_is_full_says_that_it_did_not_remember() -> None:
    early, bodies = EarlyReplies(), [{"event": {"ts": f"{n}.0"}} for n in range(25)]
    kept = [early.remember(CHANNEL, "1.1", body, 1.0) for body in bodies]
    assert kept == [True] * 20 + [False] * 5
    assert [early.forget(CHANNEL, "1.1", body) for body in bodies] == kept


def test_a_listener_that_never_ends_gives_its_place_to_another(monkeypatch: pytest.MonkeyPatch, here: World) -> None:
    monkeypatch.setattr(dispatch, "LISTENER_SECONDS", 0.05)

    class Deaf:
        async def async_dispatch(self, _request: object) -> Any:
            return type("Answer", (), {"status": 200})()

    async def told() -> set[int]:
        later = dispatch.Dispatcher(Deaf(), here.services)  # type: ignore[arg-type]  # only asked to dispatch
        for row in range(-40, -20):
            later.put(row, event(here))
        assert later._task is not None
        await asyncio.wait_for(later._task, 60)
        return {row for row in here.services.in_flight if row < 0}

    assert asyncio.run(told()) == set()
