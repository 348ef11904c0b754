"""The stand-in on a real socket, with an app, three tokens and one small repository."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import uvicorn
from github import Auth, Github
from github.Repository import Repository

from playground.github import (
    APP_PERMISSIONS,
    AppIdentity,
    GitHubStandInConfig,
    PersonalToken,
    create_app,
    new_private_key,
    public_key_of,
    seed_repository,
)
from playground.github.client import GitHubDesk

from .openapi.validator import Recorder, payload_violations

REPO = "acme/shop"
TOKENS = {"bot": "ghp_shipmate", "ben": "ghp_ben", "mallory": "ghp_mallory"}
LOGINS = {"bot": "shipmate-bot", "ben": "ben", "mallory": "mallory"}
PRIVATE_KEY = new_private_key()
SECRET = "hook-secret"


class Running:
    """A server in a thread, on a port of its own that survives a restart of the server."""

    def __init__(self, config: GitHubStandInConfig, listening: socket.socket) -> None:
        self.config = config
        self.socket = listening
        self.desk = GitHubDesk(config.public_url)
        self.start()

    def start(self) -> None:
        self.recorder = Recorder(create_app(self.config))
        settings = uvicorn.Config(self.recorder, log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(settings)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket.dup()]}, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 60
        while not self.server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.recorder.problems, "not as GitHub describes:\n" + "\n".join(self.recorder.problems)

    def github(self, who: str = "bot") -> Github:
        return Github(
            auth=Auth.Token(TOKENS[who]), base_url=self.config.api_url, retry=None, seconds_between_requests=0,
            seconds_between_writes=0,
        )  # fmt: skip

    def repo(self, who: str = "bot") -> Repository:
        return self.github(who).get_repo(REPO)

    def posted(self, path: str, token: str, **body: Any) -> Any:
        """Post JSON to a route and return the answer, whatever its status."""
        url = f"{self.config.public_url}/api{path}"
        headers = {"Authorization": f"token {token}"}
        return requests.post(url, json=body, headers=headers, timeout=60).json()

    def installation_token(self, **permissions: str) -> str:
        """A token of the app with its own permissions, but those given."""
        claims = {"iat": int(time.time()) - 60, "exp": int(time.time()) + 300, "iss": "4242"}
        signed = jwt.encode(claims, PRIVATE_KEY, algorithm="RS256")
        asked = {name: level for name, level in {**APP_PERMISSIONS, **permissions}.items() if level != "none"}
        url = f"{self.config.api_url}/app/installations/7001/access_tokens"
        headers = {"Authorization": f"Bearer {signed}"}
        return str(requests.post(url, json={"permissions": asked}, headers=headers, timeout=60).json()["token"])

    def clone_url(self, who: str = "bot") -> str:
        return self.config.public_url.replace("://", f"://x-access-token:{TOKENS[who]}@") + f"/{REPO}.git"


@dataclass
class Inbox:
    """What a webhook receiver saw: (headers, raw body)."""

    url: str
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200

    def events(self) -> list[str]:
        return [headers["x-github-event"] for headers, _ in self.seen]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            box.seen.append(({name.lower(): value for name, value in self.headers.items()}, raw))
            self.send_response(box.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box = Inbox(f"http://127.0.0.1:{server.server_port}/github/webhooks")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield box
    server.shutdown()
    thread.join()
    server.server_close()
    problems = [
        it for headers, raw in box.seen for it in payload_violations(headers["x-github-event"], json.loads(raw))
    ]
    assert not problems, "not as GitHub describes:\n" + "\n".join(sorted(set(problems)))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "src").mkdir(parents=True)
    (folder / "README.md").write_text("# Shop\n")
    (folder / "src" / "total.py").write_text("def total(prices):\n    return sum(prices)\n")
    return folder


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path, source: Path) -> Iterator[Start]:
    """Start the stand-in with settings of one's own; `source` is seeded as acme/shop."""
    running: list[Running] = []

    def begin(**settings: Any) -> Running:
        # With the protocol named, asyncio switches Nagle's algorithm off; else each answer waits 40 ms.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = GitHubStandInConfig(
            root=tmp_path / f"github-{len(running)}", public_url=url, webhook_secret=SECRET,
            tokens=tuple(PersonalToken(token, LOGINS[who]) for who, token in TOKENS.items()),
            app=settings.pop("app", None) or AppIdentity(4242, public_key_of(PRIVATE_KEY)),
            mergeable_delay=0.0, **settings,
        )  # fmt: skip
        seed_repository(config, REPO, source)
        running.append(Running(config, listening))
        return running[-1]

    yield begin
    for server in running:
        server.stop()
        server.socket.close()


@pytest.fixture
def hub(start: Start) -> Running:
    return start(auto_ci=False)


def content(repo: Repository, path: str, ref: str = "main") -> bytes:
    """Return what a file holds."""
    found = repo.get_contents(path, ref=ref)
    assert not isinstance(found, list)
    return found.decoded_content
