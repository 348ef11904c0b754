from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bot.store import DiskSpace, Store, StoreDown
from bot.store.disk_space import Left
from tests.listeners.world import World


def get(here: World, path: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(here.url + path, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, problem.read().decode()


def test_a_living_process_says_ok(here: World) -> None:
    assert get(here, "/healthz") == (200, "ok")


def test_ready_means_database_and_slack(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get(here, "/readyz")[0] == 200

    def down(_store: Store) -> bool:
        raise StoreDown("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "ready", down)
        status, text = get(here, "/readyz")
    assert (status, json.loads(text)["database"]) == (503, "not reachable")


@pytest.mark.parametrize(("free", "status"), [(150_000_000, 200), (1_000_000, 503)])
def test_a_disk_that_fills_up_is_named_and_refuses_only_when_full(
    here: World, monkeypatch: pytest.MonkeyPatch, free: int, status: int
) -> None:
    monkeypatch.setattr(DiskSpace, "left", lambda _room: Left(Path("/srv"), free, 200_000_000))
    answered, text = get(here, "/readyz")
    assert (answered, json.loads(text)["database"]) == (status, "ok")
    assert "free at /srv" in json.loads(text)["disk"]


def test_refused_deliveries_are_counted(here: World) -> None:
    urllib.request.build_opener(urllib.request.ProxyHandler({}))
    get(here, "/slack/events")
    status, text = get(here, "/metrics")
    assert status == 200
    assert 'shipmate_deliveries_total{outcome="refused",source="slack"}' in text
