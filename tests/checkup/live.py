"""A live service for checks: any application on a free port of this machine; and the checks of both roles on it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from bot.checkup import Diagnosis, slack
from bot.checkup.every import webhooks
from shipmate.embedded.defaults import Completed, complete
from workers.checkup import claude, github


@contextmanager
def serving(make: object) -> Iterator[str]:
    """An application on a free port; `make` gets its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(url), log_level="error", lifespan="on"))  # type: ignore[operator]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join(60)


def settings(tmp_path: Path, **environ: str) -> Completed:
    return complete({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_REPOSITORIES": "acme/till", **environ})


def of_slack(given: Completed) -> list[Diagnosis]:
    return slack.check(given.bot)


def of_github(given: Completed) -> list[Diagnosis]:
    web = given.bot.web
    hook = github.webhook(given.worker.github, f"{web.public_url}/github/webhooks") if web.webhook_secret else []
    return [*github.check(given.worker), *webhooks(given.bot), *hook]


def of_claude(given: Completed) -> list[Diagnosis]:
    return claude.check(given.worker)


def levels(diagnoses: list[Diagnosis]) -> dict[str, str]:
    return {diagnosis.subject: diagnosis.level for diagnosis in diagnoses}


def of(diagnoses: list[Diagnosis], subject: str) -> Diagnosis:
    return next(diagnosis for diagnosis in diagnoses if diagnosis.subject == subject)
