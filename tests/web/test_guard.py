from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import structlog.testing

from bot.store import StoreDown
from tests.listeners.world import World
from tests.web.posting import event, post, send_slack, slack_headers


def nothing_happened(here: World) -> None:
    here.settled()
    assert here.change_at("1600000100.000100") is None


def test_a_signed_event_of_our_workspace_passes(here: World) -> None:
    assert send_slack(here, event(here, "1600000101.000100"))[0] == 200
    assert here.soon(lambda: here.change_at("1600000101.000100")) is not None


@pytest.mark.parametrize("age", [-330, 330, 100_000])
def test_a_stale_delivery_is_refused(here: World, age: float) -> None:
    assert send_slack(here, event(here), age=age)[0] == 401
    nothing_happened(here)


def test_a_delivery_signed_with_another_secret_is_refused(here: World) -> None:
    assert send_slack(here, event(here), secret="somebody else's")[0] == 401
    nothing_happened(here)


def test_a_tampered_body_is_refused(here: World) -> None:
    body = json.dumps(event(here)).encode()
    headers = slack_headers(here, body)
    assert post(here, "/slack/events", body.replace(b"do it", b"do me"), headers)[0] == 401
    nothing_happened(here)


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_an_unsigned_delivery_is_refused(here: World, missing: str) -> None:
    body = json.dumps(event(here)).encode()
    headers = slack_headers(here, body)
    del headers[missing]
    assert post(here, "/slack/events", body, headers)[0] == 401


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-1", "١٢٣", "9" * 400, "1700000000\t"])
def test_a_timestamp_that_is_no_number_is_refused_without_a_fault(here: World, stamp: str) -> None:
    body = json.dumps(event(here)).encode()
    headers = slack_headers(here, body) | {"X-Slack-Request-Timestamp": stamp.encode().decode("latin-1")}
    assert post(here, "/slack/events", body, headers)[0] == 401


def test_the_legacy_token_in_the_body_is_no_signature(here: World) -> None:
    body = json.dumps(event(here, token="verification-token")).encode()
    assert post(here, "/slack/events", body, {"Content-Type": "application/json"})[0] == 401
    nothing_happened(here)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"type":"event_callback","event":"text"}',
        b'{"type":{"a":1}}',
    ],
)
def test_a_signed_body_that_cannot_be_read_is_400(here: World, body: bytes) -> None:
    assert send_slack(here, body)[0] == 400


@pytest.mark.parametrize("form", [{"payload": "{"}, {"payload": "[]"}, {"nothing": "known"}])
def test_a_signed_form_without_a_readable_payload_is_400(here: World, form: dict[str, str]) -> None:
    body = urlencode(form).encode()
    headers = slack_headers(here, body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(here, "/slack/events", body, headers)[0] == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"api_app_id": "A0OTHER"},
        {"api_app_id": None},
        {"team_id": "T0OTHER", "authorizations": []},
        {"authorizations": [{"team_id": "T0OTHER"}]},
        {"authorizations": None, "team_id": None},
        {"authorizations": [None, 3], "team_id": {}},
    ],
)
def test_another_app_or_workspace_is_refused_although_signed(here: World, fields: dict[str, Any]) -> None:
    assert send_slack(here, event(here, **fields))[0] == 403
    nothing_happened(here)


def test_a_form_with_two_payloads_is_refused_whatever_they_are(here: World) -> None:
    who = here.services.identity
    payload = {"type": "block_actions", "api_app_id": who.app_id, "team": {"id": who.team_id}, "actions": []}
    body = urlencode([("payload", json.dumps(payload))] * 2).encode()
    headers = slack_headers(here, body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(here, "/slack/events", body, headers)[0] == 400


def test_a_tap_of_another_workspace_is_refused(here: World) -> None:
    payload = {
        "type": "block_actions",
        "api_app_id": here.services.identity.app_id,
        "team": {"id": "T0OTHER"},
        "actions": [],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = slack_headers(here, body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(here, "/slack/events", body, headers)[0] == 403


def test_a_body_over_the_limit_is_refused_by_its_length_and_by_its_bytes(here: World) -> None:
    assert send_slack(here, b" " * (1024 * 1024 + 1))[0] == 413
    parts = urlsplit(here.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as line:
        line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(20):
                line.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        except OSError:
            pass  # it stopped listening, as it should
        assert b"413" in line.recv(100)


def test_slack_may_verify_the_address(here: World) -> None:
    status, text = send_slack(here, {"type": "url_verification", "challenge": "abc", "token": "x"})
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_posts_are_taken(here: World, method: str) -> None:
    import http.client

    parts = urlsplit(here.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request(method, "/slack/events")
    assert connection.getresponse().status == 405
    connection.close()


def test_a_refusal_is_one_log_line_without_the_content(here: World) -> None:
    with structlog.testing.capture_logs() as lines:
        send_slack(here, event(here), secret="wrong")
    refused = [line for line in lines if line["event"] == "slack_delivery_refused"]
    assert [(line["status"], line["reason"]) for line in refused] == [(401, "the signature does not fit")]
    assert "do it" not in str(lines)


def test_a_database_that_is_down_is_answered_503_and_the_retry_finds_it_again(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: object) -> None:
        raise StoreDown("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(here.store.deliveries, "_commit", down)
        assert send_slack(here, event(here, "1600000102.000100"))[0] == 503
    assert here.change_at("1600000102.000100") is None
    assert send_slack(here, event(here, "1600000102.000100"))[0] == 200
    assert here.soon(lambda: here.change_at("1600000102.000100")) is not None


def test_a_database_that_goes_down_after_the_answer_delays_the_work_but_loses_nothing(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: object) -> None:
        raise StoreDown("gone away")

    with monkeypatch.context() as patched:
        patched.setattr(type(here.services.door), "open", down)
        assert send_slack(here, event(here, "1600000103.000100"))[0] == 200
        here.settled()
    assert here.change_at("1600000103.000100") is None
    assert here.phone.wait_for(lambda: here.change_at("1600000103.000100"), 60) is not None


def test_until_we_know_who_we_are_everything_is_answered_later(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(here.services.identity, "team_id", "")
        assert send_slack(here, event(here, "1600000104.000100"))[0] == 503
    assert here.change_at("1600000104.000100") is None
