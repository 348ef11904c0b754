"""Holds the stand-in's parts, and the lookups that all of them need.

Law: parts never import each other sideways; they meet here.
"""

from __future__ import annotations

import threading
from typing import Any, Protocol

from .config import GitHubStandInConfig
from .faults import Faults
from .git import BareRepository
from .store import Doc, Store
from .webhooks import Webhooks


class Ci(Protocol):
    """The CI as the other parts use it; `ci.queue` is it."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def configure(self, *, held: bool | None = None, auto: bool | None = None) -> None: ...
    def idle(self) -> bool: ...
    def trigger(self, repo: Doc, event: str, sha: str, branch: str, who: str, base: str = "") -> None: ...
    def rerun(self, run: Doc) -> None: ...
    def rerun_suite(self, repo: Doc, suite_id: int) -> None: ...
    def cancel(self, run: Doc) -> None: ...
    def jobs(self, run: Doc) -> list[Doc]: ...
    def log(self, job: Doc) -> str: ...
    def log_file(self, file: str) -> str: ...
    def download_link(self, file: str) -> str: ...
    def link_is_good(self, file: str, expires: str, sig: str) -> bool: ...


class Hub:
    """`lock` is held over every change that must be seen whole (a merge, a ref moved by the API)."""

    webhooks: Webhooks
    ci: Ci
    faults: Faults

    def __init__(self, config: GitHubStandInConfig) -> None:
        self.config = config
        self.store = open_store(config)
        self.lock = threading.RLock()

    def repository(self, owner: str, name: str) -> Doc | None:
        return self.store.one("repository", key=f"{owner}/{name}".lower())

    def repository_by_id(self, ident: int) -> Doc | None:
        return self.store.get("repository", ident)

    def repositories(self) -> list[Doc]:
        return self.store.find("repository")

    def git(self, repo: Doc) -> BareRepository:
        return bare_repository(self.config, repo["full_name"])

    def pulls(self, repo: Doc, **equal: Any) -> list[Doc]:
        """Pull requests whose fields equal the given ones, oldest first."""
        return self.store.find(
            "pull", repo=repo["id"], where=lambda pull: all(pull[name] == value for name, value in equal.items())
        )

    def pull(self, repo: Doc, number: int) -> Doc | None:
        return self.store.one("pull", repo=repo["id"], key=str(number))


def open_store(config: GitHubStandInConfig) -> Store:
    return Store(config.root / "state.sqlite3")


def bare_repository(config: GitHubStandInConfig, full_name: str) -> BareRepository:
    return BareRepository(config.root / "repositories" / f"{full_name.lower()}.git")
