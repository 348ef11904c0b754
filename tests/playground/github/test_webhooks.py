"""Webhooks: signed, once, listed, and badly behaved on request."""

from __future__ import annotations

import hashlib
import hmac
import json

from github import Auth, GithubIntegration

from playground.github import AppIdentity, public_key_of

from .conftest import PRIVATE_KEY, REPO, SECRET, Inbox, Running, Start


def integration(hub: Running) -> GithubIntegration:
    return GithubIntegration(auth=Auth.AppAuth(4242, PRIVATE_KEY), base_url=hub.config.api_url)


def test_a_delivery_is_signed_and_names_its_event(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.desk.wait_for(lambda: inbox.seen)
    headers, raw = inbox.seen[0]
    expected = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    payload = json.loads(raw)
    assert headers["x-hub-signature-256"] == expected
    assert headers["x-github-event"] == "push"
    assert (payload["ref"], payload["after"], payload["created"]) == ("refs/heads/fix", sha, True)
    assert payload["repository"]["full_name"] == REPO
    assert payload["installation"]["id"] == 7001


def test_a_pull_request_tells_of_every_step_of_its_life(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    pull = hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    pull.edit(state="closed")
    pull.edit(state="open")
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "y"})
    pull.merge(sha=sha)
    hub.desk.wait_for(lambda: inbox.events().count("pull_request") == 5)
    told = [json.loads(raw) for headers, raw in inbox.seen if headers["x-github-event"] == "pull_request"]
    assert [it["action"] for it in told] == ["opened", "closed", "reopened", "synchronize", "closed"]
    assert told[-1]["pull_request"]["merged"] is True
    assert told[3]["after"] == sha


def test_a_failed_delivery_is_not_sent_again_until_somebody_asks(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    inbox.status = 503
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.desk.wait_for(lambda: [it for it in hub.desk.deliveries() if it["status_code"] == 503])
    inbox.status = 200
    requester = integration(hub).requester
    _, listed = requester.requestJsonAndCheck("GET", "/app/hook/deliveries")
    assert [(it["event"], it["status_code"]) for it in listed] == [("push", 503)]
    requester.requestJsonAndCheck("POST", f"/app/hook/deliveries/{listed[0]['id']}/attempts")
    hub.desk.wait_for(lambda: len(inbox.seen) == 2)
    assert inbox.seen[0][0]["x-github-delivery"] == inbox.seen[1][0]["x-github-delivery"]


def test_held_deliveries_wait_and_come_repeated_and_shuffled(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    hub.desk.webhooks(held=True, repeat=3, shuffle=7)
    for number in range(4):
        hub.desk.push_commit(REPO, "fix", {"README.md": str(number)})
    assert inbox.seen == []
    hub.desk.webhooks(held=False)
    hub.desk.wait_for(lambda: len(inbox.seen) == 12)
    order = [headers["x-github-delivery"] for headers, _ in inbox.seen]
    assert len(set(order)) == 4
    assert order != sorted(order, key=order.index)


def test_ping_and_installation_are_told_on_request(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    hub.desk.ping()
    hub.desk.installation("deleted")
    hub.desk.wait_for(lambda: inbox.events() == ["ping", "installation"])
    assert json.loads(inbox.seen[1][1])["repositories"][0]["full_name"] == REPO


def test_an_event_the_app_did_not_subscribe_to_is_not_sent(start: Start, inbox: Inbox) -> None:
    app = AppIdentity(4242, public_key_of(PRIVATE_KEY), events=("pull_request",))
    hub = start(auto_ci=False, webhook_url=inbox.url, app=app)
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    hub.desk.wait_for(lambda: inbox.seen)
    assert inbox.events() == ["pull_request"]


def test_deliveries_not_yet_sent_survive_a_restart(start: Start, inbox: Inbox) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    hub.desk.webhooks(held=True)
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.stop()
    hub.start()
    hub.desk.wait_for(lambda: inbox.events() == ["push"])
    assert len(inbox.seen) == 1
