"""Our credentials at GitHub: a personal token, or an App with one installation per account; and the clients that use
them.

Law: a client never retries a call that changes something, and never waits for a rate limit.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from github import Auth, Github, GithubIntegration, UnknownObjectException
from github.Requester import Requester
from urllib3.util import Retry

from workers import GiveUp
from workers.forge.github_errors import OPERATOR

TIMEOUT = 15
READS = Retry(
    total=2,
    backoff_factor=0.2,
    allowed_methods={"GET", "HEAD"},
    status_forcelist={500, 502, 503, 504},
    respect_retry_after_header=False,
    raise_on_status=False,
)
"""A failed read is retried twice at once. Rate limits (403, 429) are not retried here but by `TryAgain`."""

PART = re.compile(r"/repos/[^/]+/[^/]+")
SHA = re.compile(r"/[0-9a-f]{40}(?=/|$)")
NUMBER = re.compile(r"/\d+(?=/|$)")
REF = re.compile(r"/git/(refs|ref|matching-refs)/.+$")


def route(method: str, url: str) -> str:
    """Return a call without its variable parts: "GET /repos/{repo}/pulls/{n}"."""
    path = re.sub(r"^.*/api/v3(?=/)", "", urlsplit(url).path)
    path = REF.sub(r"/git/\1/{ref}", PART.sub("/repos/{repo}", path))
    return f"{method} {NUMBER.sub('/{n}', SHA.sub('/{sha}', path))}"


class Credentials:
    """Gives a client and a git token for a repository. Safe to share between threads; counts every call by route."""

    def __init__(
        self,
        *,
        token: str | None = None,
        app_id: int | str | None = None,
        app_key: str | None = None,
        installation_id: int | None = None,
        api_url: str,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self._settings: dict[str, Any] = {
            "base_url": api_url.rstrip("/"),
            "retry": READS,
            "timeout": TIMEOUT,
            "seconds_between_requests": 0,
            "seconds_between_writes": 0,
            "per_page": 100,
            "lazy": True,
        }
        self._token = token
        self._installation_id = installation_id
        self._lock = threading.Lock()
        self._count_lock = threading.Lock()
        self._installations: dict[str, int] = {}
        self._clients: dict[int | None, Github] = {}
        self._app: GithubIntegration | None = None
        if app_id and app_key:
            self._app = GithubIntegration(auth=Auth.AppAuth(app_id, app_key), **self._settings)
            self._count(self._app.requester)

    def client(self, full_name: str) -> Github:
        """Return the client for a repository. Raises PyGithub's errors, and `GiveUp` if the App is not installed."""
        with self._lock:
            installation = self._installation(full_name) if self._app is not None else None
            client = self._clients.get(installation)
            if client is None:
                client = self._clients[installation] = self._new_client(installation)
            return client

    def git_token(self, full_name: str) -> str | None:
        """Return a token for git over https that is still valid for a while; None without credentials."""
        auth = self.client(full_name).requester.auth
        # One renewal at a time: PyGithub's own renewal is not locked.
        with self._lock:
            return auth.token if auth is not None else None

    def _new_client(self, installation: int | None) -> Github:
        if self._app is not None and installation is not None:
            client = self._app.get_github_for_installation(installation)
        else:
            client = Github(auth=Auth.Token(self._token) if self._token else None, **self._settings)
        self._count(client.requester)
        return client

    def _installation(self, full_name: str) -> int:
        if self._installation_id is not None:
            return self._installation_id
        owner, _, name = full_name.partition("/")
        if full_name not in self._installations and self._app is not None:
            try:
                self._installations[full_name] = self._app.get_repo_installation(owner, name).id
            except UnknownObjectException:
                reason = f"Shipmate's GitHub App is not installed on {full_name}."
                raise GiveUp(reason, f"Install the App there, then tap Try again. {OPERATOR}") from None
        return self._installations[full_name]

    def _count(self, requester: Requester) -> None:
        """Count the calls of one requester; the library offers no hook of its own."""
        asked = requester.requestJsonAndCheck

        def counted(verb: str, url: str, *args: Any, **kwargs: Any) -> Any:
            with self._count_lock:
                self.calls[route(verb, url)] += 1
            return asked(verb, url, *args, **kwargs)

        setattr(requester, "requestJsonAndCheck", counted)  # noqa: B010 - a method is replaced on purpose
