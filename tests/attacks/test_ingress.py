"""Deliveries by raw HTTP: whatever is not Slack's own is refused, and what is odd breaks nothing."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import random
import time
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bot.domain.change import Phase
from tests.attacks.raw_http import raw
from tests.listeners.world import CHANNEL, World
from tests.web.posting import event, post, send_slack, slack_headers

pytestmark = pytest.mark.attack("forged deliveries")

_NEXT = count(1)


def fresh_ts() -> str:
    """A message's ts that no other test uses."""
    return f"1600{next(_NEXT):06d}.{random.Random(time.monotonic()).randrange(10**6):06d}"


def headers(here: World, body: bytes, **changed: str | None) -> list[str]:
    """Those of a good delivery, some changed or left out."""
    made: dict[str, str | None] = {**slack_headers(here, body), "Content-Length": str(len(body))}
    made |= {name.replace("_", "-"): value for name, value in changed.items()}
    return [f"{name}: {value}" for name, value in made.items() if value is not None]


def body_of(here: World, **fields: Any) -> tuple[str, bytes]:
    ts = fresh_ts()
    return ts, json.dumps(event(here, ts, **fields)).encode()


def signature(here: World, stamp: str, body: bytes) -> str:
    made = hmac.new(here.slack.config.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return f"v0={made.hexdigest()}"


ODD_STAMPS = (
    "",
    "-1",
    "+5",
    "1e9",
    "0x10",
    "NaN",
    "١٢٣٤٥٦٧٨٩٠",
    "１７００００００００",
    "9" * 400,
    "1700000000 ",
    "1_700_000_000",
)


@pytest.mark.parametrize("stamp", ODD_STAMPS)
def test_a_timestamp_that_is_none_is_refused_even_when_it_is_signed(here: World, stamp: str) -> None:
    ts, body = body_of(here)
    made = headers(here, body, X_Slack_Request_Timestamp=stamp, X_Slack_Signature=signature(here, stamp, body))
    assert raw(here, made, body) in {400, 401}
    assert here.change_at(ts) is None


def test_a_header_that_comes_twice_decides_nothing(here: World) -> None:
    ts, body = body_of(here)
    good = headers(here, body)
    for name in ("X-Slack-Signature: v0=00", "X-Slack-Request-Timestamp: 1"):
        for order in ([name, *good], [*good, name]):
            assert raw(here, order, body) == 401
    assert here.change_at(ts) is None


@pytest.mark.parametrize("signed", ["v0=", "v1={good}", "{good} ", "V0={good}", "v0=é", "v0={upper}"])
def test_a_signature_is_compared_as_it_is(here: World, signed: str) -> None:
    ts, body = body_of(here)
    good = slack_headers(here, body)["X-Slack-Signature"].removeprefix("v0=")
    assert (
        signed == "{good} "
        or raw(here, headers(here, body, X_Slack_Signature=signed.format(good=good, upper=good.upper())), body) == 401
    )
    assert here.change_at(ts) is None


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "application/x-yaml"])
def test_another_content_type_is_refused(here: World, kind: str) -> None:
    ts, body = body_of(here)
    assert raw(here, headers(here, body, Content_Type=kind), body) == 400
    assert here.change_at(ts) is None


def test_a_body_in_pieces_counts_by_its_bytes(here: World) -> None:
    piece = b"x" * 65_536
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(17)) + b"0\r\n\r\n"
    made = [*headers(here, b"", Content_Length=None), "Transfer-Encoding: chunked"]
    assert raw(here, made, chunked) == 413


@pytest.mark.parametrize("length", ["-1", "1" * 400, "１２", "0x5"])
def test_a_length_that_is_none_is_refused(here: World, length: str) -> None:
    _, body = body_of(here)
    assert raw(here, headers(here, body, Content_Length=length), body) in {400, 413}


def test_a_packed_body_is_not_unpacked(here: World) -> None:
    ts, body = body_of(here)
    packed = gzip.compress(body)
    assert raw(here, [*headers(here, packed), "Content-Encoding: gzip"], packed) == 400
    assert here.change_at(ts) is None


DEEP = 50_000
ODD_BODIES = {
    "nested": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a number of six thousand digits": b'{"type": "event_callback", "x": ' + b"9" * 6_000 + b"}",
    "a list": b"[1]",
    "no text": b"\xff\xfe{}",
    "nothing": b"",
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_signed_body_that_cannot_be_read_is_refused(here: World, body: bytes, wrapped: bool) -> None:
    body = b"payload=" + quote(body).encode() if wrapped else body
    kind = "application/x-www-form-urlencoded" if wrapped else "application/json"
    assert raw(here, headers(here, body, Content_Type=kind), body) == 400


WRONG_SHAPES: list[dict[str, Any]] = [
    {"event": {"type": "app_mention", "user": {"id": "U0ANA00001"}, "channel": ["C"], "ts": 5, "text": {"a": 1}}},
    {"event": {"type": "app_mention", "user": "U0ANA00001", "channel": CHANNEL, "ts": "not a ts", "text": "x"}},
    {"event": {"type": ["app_mention"], "user": "U0ANA00001", "channel": CHANNEL, "ts": "1.1"}},
    {"event": {}},
    {"event_id": {"a": 1}},
    {"event_id": "E" * 5_000},
    {"authorizations": "T0"},
    {"authorizations": [None, 5, {"team_id": {"a": 1}}]},
    {"event": {"type": "app_mention", "user": "U0ANA00001", "channel": CHANNEL, "ts": "1.1", "files": [5, None, "x"]}},
    {"event": {"type": "message", "user": "U0ANA00001", "channel": CHANNEL, "ts": "9" * 200, "thread_ts": [1]}},
]


@pytest.mark.parametrize("fields", WRONG_SHAPES)
def test_a_signed_delivery_of_a_wrong_shape_breaks_nothing(here: World, fields: dict[str, Any]) -> None:
    _ts, body = body_of(here, **fields)
    status, _ = send_slack(here, body)
    assert status in {200, 400, 403}
    here.settled()
    assert here.ask("@Shipmate still alive?").phase is Phase.PREPARING


def test_an_address_check_carries_nothing_along(here: World) -> None:
    ts = fresh_ts()
    spoof = event(here, ts, type="url_verification", challenge="<script>x</script>")
    status, _said = send_slack(here, spoof)
    here.settled()
    assert status in {200, 400}
    assert here.change_at(ts) is None
    assert send_slack(here, spoof, secret="another")[0] == 401


def test_a_certificate_check_carries_nothing_along(here: World) -> None:
    body = urlencode({"ssl_check": "1", "command": "/shipmate", "team_id": here.services.identity.team_id}).encode()
    made = slack_headers(here, body, secret="another") | {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(here, "/slack/events", body, made)[0] == 401


def test_two_readings_of_one_body_are_refused(here: World) -> None:
    """A form for the guard and JSON for whoever comes after it."""
    ours = {
        "type": "block_actions",
        "team": {"id": here.services.identity.team_id},
        "api_app_id": here.services.identity.app_id,
    }
    ts = fresh_ts()
    inner = json.dumps(event(here, ts, api_app_id="A0OTHER"))[:-1]
    body = (inner + ', "z": "&payload=' + quote(json.dumps(ours)) + '&x="}').encode()
    made = headers(here, body, Content_Type="application/x-www-form-urlencoded")
    assert raw(here, made, body) == 400
    here.settled()
    assert here.change_at(ts) is None


@pytest.mark.parametrize("name", ["X-Shipmate-Delivery", "x-shipmate-kept", "shipmate_delivery", "X-Slack-Retry-Num"])
def test_no_header_makes_a_delivery_pass_for_one_that_was_kept(here: World, name: str) -> None:
    ts, body = body_of(here)
    assert raw(here, [*headers(here, body), f"{name}: 1"], body) == 200
    assert here.soon(lambda: here.change_at(ts)).phase is Phase.PREPARING
    kept = here.services.metrics.deliveries.labels("slack", "repeated")._value.get()
    assert raw(here, [*headers(here, body), f"{name}: 2", "X-Slack-Retry-Reason: http_timeout"], body) == 200
    assert here.services.metrics.deliveries.labels("slack", "repeated")._value.get() == kept + 1


def test_four_minutes_later_the_same_body_does_nothing_again(here: World) -> None:
    ts, body = body_of(here)
    assert send_slack(here, body, age=240)[0] == 200
    change = here.soon(lambda: here.change_at(ts))
    here.settled()
    lines = here.journal(change)
    for age in (240, 120, 0):
        assert send_slack(here, body, age=age)[0] == 200
    here.settled()
    assert here.journal(change) == lines


@pytest.mark.parametrize(
    "text", ["`<@U0SHIPMATE> do it`", "```\n<@U0SHIPMATE> do it\n```", "&lt;@U0SHIPMATE&gt; do it"]
)
def test_a_mention_in_code_or_spelled_out_asks_for_nothing(here: World, text: str) -> None:
    ts = fresh_ts()
    said = {"type": "message", "user": "U0ANA00001", "text": text, "ts": ts, "channel": CHANNEL}
    assert send_slack(here, event(here, ts, event=said))[0] == 200
    here.settled()
    assert here.change_at(ts) is None


def test_forty_thousand_characters_of_anything_are_one_change(here: World) -> None:
    for text in ("😀" * 20_000, "\u202e<!channel>" * 3_000, "\0" * 40_000, "a\ud800" * 10, "`" * 40_000):
        ts = fresh_ts()
        said = {
            "type": "app_mention",
            "user": "U0ANA00001",
            "text": f"<@U0SHIPMATE> {text}",
            "ts": ts,
            "channel": CHANNEL,
        }
        assert send_slack(here, event(here, ts, event=said))[0] == 200
        change = here.soon(partial(here.change_at, ts))
        assert len(change.request) <= 8_000
