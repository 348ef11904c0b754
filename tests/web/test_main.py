"""The real process: `python -m bot.main`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store
from playground.slack import SlackStandInConfig
from tests.playground.slack.serving import Served

CHANNEL = "C0TILL0001"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def slack(folder: Path, events_url: str | None) -> Iterator[Served]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    served = Served(SlackStandInConfig(folder / "slack.db", events_url=events_url, public_url=url), listening)
    served.start()
    try:
        yield served
    finally:
        served.stop()
        listening.close()


def environment(served: Served, folder: Path, port: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SHIPMATE_HOME": str(folder / "home"),
        "SHIPMATE_REPOSITORIES": "acme/till",
        "SLACK_BOT_TOKEN": served.config.bot_token,
        "SLACK_API_URL": f"{served.config.public_url}/api/",
        "DATABASE_URL": f"sqlite:///{folder / 'shipmate.db'}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "GITHUB_TOKEN": "x" * 40,
        "ANTHROPIC_API_KEY": "sk-ant-x",
        "PORT": str(port),
        **more,
    }


@contextlib.contextmanager
def bot(env: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "bot.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot.main"], env=env, cwd=folder, stderr=log, stdout=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.send_signal(signal.SIGCONT)
            process.wait(60)


def ready(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def asked(served: Served, folder: Path) -> bool:
    """Ana asks; whether a change comes of it."""
    said = served.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    store = Store(f"sqlite:///{folder / 'shipmate.db'}")
    try:
        found = served.phone.wait_for(
            lambda: store.changes.by_thread(served.config.team_id, CHANNEL, said["ts"]), 60, "a change"
        )
        return found.request == "make the total include tax"
    finally:
        store.close()


def test_over_http_it_serves_and_ends_when_told(tmp_path: Path, port: int) -> None:
    with slack(tmp_path, f"http://127.0.0.1:{port}/slack/events") as served:
        env = environment(served, tmp_path, port, SLACK_SIGNING_SECRET=served.config.signing_secret)
        with bot(env, tmp_path) as process:
            served.phone.wait_for(lambda: ready(port), 120, "a ready bot")
            assert asked(served, tmp_path)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in {0, -signal.SIGTERM}


def test_over_a_socket_it_needs_no_address(tmp_path: Path, port: int) -> None:
    with slack(tmp_path, None) as served:
        env = environment(served, tmp_path, port, SLACK_APP_TOKEN=served.config.app_token)
        with bot(env, tmp_path):
            served.phone.wait_for(lambda: ready(port) and served.phone.sockets(), 120, "a connected bot")
            assert asked(served, tmp_path)
            served.phone.disconnect_sockets()
            served.phone.wait_for(served.phone.sockets, 120, "the bot to come back")
            assert asked(served, tmp_path)


def test_killed_between_receipt_and_answer_it_finds_the_request_again(tmp_path: Path, port: int) -> None:
    with slack(tmp_path, f"http://127.0.0.1:{port}/slack/events") as served:
        env = environment(served, tmp_path, port, SLACK_SIGNING_SECRET=served.config.signing_secret)
        with bot(env, tmp_path) as process:
            served.phone.wait_for(lambda: ready(port), 120, "a ready bot")
            served.phone.misdeliver(hold=True)
            said = served.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
            process.send_signal(signal.SIGSTOP)
            served.phone.misdeliver(hold=False)
            served.phone.release()
            served.phone.wait_for(
                lambda: any(one["attempts"] for one in served.phone.deliveries()), 60, "a delivery without an answer"
            )
            process.kill()
            process.wait(60)
        with bot(env, tmp_path):
            served.phone.wait_for(lambda: ready(port), 120, "a ready bot")
            served.phone.retry_now()
            store = Store(env["DATABASE_URL"])
            found = served.phone.wait_for(
                lambda: store.changes.by_thread(served.config.team_id, CHANNEL, said["ts"]), 60, "the change"
            )
            assert [line.outcome for line in store.journal.of(found.id)] == ["moved"]
            store.close()


def test_while_slack_is_away_it_lives_but_is_not_ready(tmp_path: Path, port: int) -> None:
    with slack(tmp_path, None) as served:
        env = environment(served, tmp_path, port, SLACK_SIGNING_SECRET=served.config.signing_secret)
        served.phone.fault("auth.test", "error", times=1_000)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def lives() -> bool:
            try:
                with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
                    return bool(answer.read() == b"ok")
            except OSError:
                return False

        with bot(env, tmp_path):
            served.phone.wait_for(lives, 120, "a living bot")
            assert not ready(port)
            served.phone.clear_faults()
            assert served.phone.wait_for(lambda: ready(port), 120, "a ready bot")


def test_wrong_settings_end_it_with_two_and_all_of_them_named(tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PORT": "no",
        "SLACK_BOT_TOKEN": "x",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot.main"], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "PORT" in done.stderr
    assert "SLACK_BOT_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr
