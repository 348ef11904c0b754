"""Misbehaviour on request."""

from __future__ import annotations

import pytest
import requests

from .conftest import REPO, TOKENS, Running

HEADERS = {"Authorization": f"token {TOKENS['bot']}"}


def create(hub: Running, name: str) -> requests.Response:
    body = {"ref": f"refs/heads/{name}", "sha": hub.desk.refs(REPO)["main"]}
    return requests.post(f"{hub.config.api_url}/repos/{REPO}/git/refs", json=body, headers=HEADERS, timeout=60)


def test_a_dropped_connection_before_the_effect_leaves_nothing(hub: Running) -> None:
    hub.desk.fail_next("POST", "/git/refs$", drop="before")
    with pytest.raises(requests.ConnectionError):
        create(hub, "one")
    assert "one" not in hub.desk.refs(REPO)
    assert create(hub, "one").status_code == 201


def test_a_dropped_connection_after_the_effect_leaves_it_done(hub: Running) -> None:
    hub.desk.fail_next("POST", "/git/refs$", drop="after")
    with pytest.raises(requests.ConnectionError):
        create(hub, "two")
    assert "two" in hub.desk.refs(REPO)
    assert create(hub, "two").json()["message"] == "Reference already exists"


def test_a_number_of_calls_fails_and_the_next_one_works(hub: Running) -> None:
    hub.desk.fail_next("GET", f"/repos/{REPO}$", times=2, status=502, skip=1)
    url = f"{hub.config.api_url}/repos/{REPO}"
    assert [requests.get(url, headers=HEADERS, timeout=60).status_code for _ in range(4)] == [200, 502, 502, 200]


def test_calls_are_counted_by_route(hub: Running) -> None:
    create(hub, "one")
    create(hub, "two")
    assert hub.desk.request_counts()["POST /repos/{owner}/{repo}/git/refs"] == 2


def test_a_control_from_a_web_page_is_refused(hub: Running) -> None:
    url = f"{hub.config.public_url}/_control/faults/clear"
    assert requests.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=60).status_code == 415


def test_state_survives_a_restart(hub: Running) -> None:
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    pull = hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    hub.stop()
    hub.start()
    assert hub.repo().get_pull(1).id == pull.id
    assert "fix" in hub.desk.refs(REPO)
