"""GitHub's webhooks: hints, whatever they say and however often."""

from __future__ import annotations

import hmac
import random
from typing import Any

import pytest

from bot.domain.change import Phase
from tests.attacks.raw_http import raw
from tests.listeners.world import WEBHOOK_SECRET, World
from tests.web.posting import send_github

pytestmark = pytest.mark.attack("forged webhooks")

GITHUB_BODIES: list[bytes] = [
    b"[" * 200_000,
    b'{"repository":' * 100_000,
    b"[]",
    b'"x"',
    b"\xff",
    b'{"number": ' + b"9" * 6_000 + b"}",
]


@pytest.mark.parametrize("body", GITHUB_BODIES, ids=range(len(GITHUB_BODIES)))
def test_a_signed_webhook_that_is_no_object_is_refused(here: World, body: bytes) -> None:
    assert send_github(here, body)[0] == 400


GITHUB_SHAPES: list[dict[str, Any]] = [
    {"repository": "acme/till", "pull_request": {"number": 1}},
    {"repository": {"full_name": ["acme/till"]}, "check_run": {"pull_requests": "x"}},
    {
        "repository": {"full_name": "ACME/TILL"},
        "check_run": {"pull_requests": [None, {"number": True}, {"number": 10**30}]},
    },
    {"repository": {"full_name": "acme/till\0"}, "sha": "a" * 40},
    {"repository": {"full_name": "acme/till"}, "sha": {"a": 1}, "after": "A" * 40, "before": "0" * 40},
    {"repository": {"full_name": "acme/till"}, "check_run": {"pull_requests": [{"number": n} for n in range(9_000)]}},
]


@pytest.mark.parametrize("content", GITHUB_SHAPES, ids=range(len(GITHUB_SHAPES)))
def test_a_webhook_of_any_shape_is_only_a_hint(here: World, content: dict[str, Any]) -> None:
    before = list(here.bell.rung)
    assert send_github(here, content)[0] in {200, 202}
    assert send_github(here, content)[0] == 200
    here.settled()
    assert here.bell.rung == before


def test_fifty_shuffled_repeats_of_webhooks_move_nothing(here: World) -> None:
    change = here.reaches(Phase.READY)
    assert change.pull
    heads = [change.pull.head_sha, "b" * 40]
    contents = [
        {"repository": {"full_name": "acme/till"}, "check_run": {"head_sha": sha, "conclusion": "success", "n": n}}
        for n, sha in enumerate(heads * 9)
    ]
    contents += [
        {"repository": {"full_name": "mallory/till"}, "pull_request": {"number": change.pull.number, "merged": True}}
    ]
    shuffled = contents * 3
    random.Random(4).shuffle(shuffled)
    assert {send_github(here, one)[0] for one in shuffled} <= {200, 202}
    here.settled()
    assert here.fresh(change).phase is Phase.READY
    assert here.fresh(change).version == change.version


def test_an_unsigned_webhook_says_nothing_of_why(here: World) -> None:
    body = b'{"repository": {"full_name": "acme/till"}}'
    for signed in (
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + hmac.new(WEBHOOK_SECRET.encode(), body, "sha1").hexdigest(),
    ):
        head = [f"X-Hub-Signature-256: {signed}", "X-GitHub-Event: push", "X-GitHub-Delivery: 12345678-0000",
                "Content-Type: application/json", f"Content-Length: {len(body)}"]  # fmt: skip
        assert raw(here, head, body, "/github/webhooks") == 401
