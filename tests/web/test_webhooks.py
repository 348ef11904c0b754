from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from bot.domain import events as e
from bot.domain.change import Change, Phase
from tests import story
from tests.listeners.world import World
from tests.web.posting import post, send_github

REPOSITORY = {"full_name": "Acme/Till"}


NUMBERS = count(1000)


@pytest.fixture
def waiting(here: World) -> Change:
    """A change whose next look at CI is put off; head and number are its own."""
    number = next(NUMBERS)
    opened = story.pull(hashlib.sha1(str(number).encode()).hexdigest(), number)
    change = here.lives(here.reaches(Phase.PUBLISHING), e.Published(pull=opened))
    claim = here.store.outbox.claim(change.id, "build", "w1", 30.0)
    assert claim is not None
    here.store.outbox.snooze(claim, 3600.0, counts=False)
    here.bell.rung.clear()
    return change


NAMING: list[Callable[[str, int], dict[str, Any]]] = [
    lambda sha, _number: {"check_run": {"head_sha": sha, "pull_requests": []}},
    lambda sha, _number: {"check_suite": {"head_sha": sha}},
    lambda sha, _number: {"workflow_run": {"head_sha": sha}},
    lambda sha, _number: {"sha": sha, "state": "success"},
    lambda sha, _number: {"deployment": {"sha": sha}, "deployment_status": {}},
    lambda sha, _number: {"before": sha, "after": "0" * 40, "ref": "refs/heads/x"},
    lambda _sha, number: {"pull_request": {"number": number, "head": {"sha": story.PUSHED}}},
    lambda _sha, number: {"check_run": {"head_sha": "0" * 40, "pull_requests": [{"number": number}]}},
]


@pytest.mark.parametrize("naming", NAMING)
def test_whatever_names_our_head_or_number_wakes_the_change(
    here: World, waiting: Change, naming: Callable[[str, int], dict[str, Any]]
) -> None:
    assert waiting.pull is not None
    content = naming(waiting.pull.head_sha, waiting.pull.number)
    assert send_github(here, content | {"repository": REPOSITORY})[0] == 202
    assert here.soon(lambda: (waiting.id, "build") in here.bell.rung)
    assert here.store.outbox.claim(waiting.id, "build", "w2", 30.0) is not None


@pytest.mark.parametrize(
    "content",
    [
        {"check_run": {"head_sha": "f" * 40}},
        {"pull_request": {"number": 10**12}},
        {"pull_request": {"number": True}},
        {"check_run": "text", "pull_request": [], "sha": 3},
        {"repository": None, "sha": story.HEAD},
        {"repository": {"full_name": "acme/other"}, "sha": story.HEAD},
    ],
)
def test_whatever_names_nothing_of_ours_wakes_nobody(here: World, waiting: Change, content: dict[str, Any]) -> None:
    assert send_github(here, {"repository": REPOSITORY} | content)[0] == 202
    here.settled()
    assert here.bell.rung == []
    assert here.store.outbox.claim(waiting.id, "build", "w2", 30.0) is None


def test_the_same_delivery_three_times_is_kept_once(here: World) -> None:
    content = {"repository": REPOSITORY, "sha": "e" * 40}
    answers = [send_github(here, content, delivery="11111111-2222-3333-4444-555555555555")[0] for _ in range(3)]
    assert answers == [202, 200, 200]


def test_a_webhook_moves_no_change_by_itself(here: World) -> None:
    change = here.reaches(Phase.READY)
    lie = {"repository": REPOSITORY, "action": "closed", "pull_request": {"number": 7, "merged": True}}
    assert send_github(here, lie, name="pull_request")[0] == 202
    here.settled()
    assert here.fresh(change).phase is Phase.READY


def test_a_wrong_secret_is_refused(here: World) -> None:
    assert send_github(here, {"repository": REPOSITORY}, secret="wrong")[0] == 401


def test_an_unsigned_webhook_is_refused(here: World) -> None:
    assert post(here, "/github/webhooks", b"{}", {"X-GitHub-Event": "push", "X-GitHub-Delivery": "a" * 36})[0] == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_signed_webhook_that_cannot_be_read_is_400(here: World, body: bytes) -> None:
    assert send_github(here, body)[0] == 400


@pytest.mark.parametrize(("delivery", "name"), [("x", "push"), ("a" * 36, "Push; drop"), ("a\u00e9" * 10, "push")])
def test_odd_headers_are_400(here: World, delivery: str, name: str) -> None:
    assert send_github(here, {}, delivery=delivery, name=name)[0] == 400


def test_a_webhook_over_the_limit_is_413(here: World) -> None:
    assert send_github(here, b" " * (5 * 1024 * 1024 + 1))[0] == 413


def test_a_ping_is_answered(here: World) -> None:
    assert send_github(here, {"zen": "Keep it simple.", "hook_id": 1}, name="ping") == (200, "pong")
