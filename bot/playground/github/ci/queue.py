"""Workflow runs, from the push that causes them to their end; they survive restarts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from ..hub import Hub
from ..store import Doc


class CiQueue:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._secret = secrets.token_bytes(16)

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def configure(self, *, held: bool | None = None, auto: bool | None = None) -> None: ...
    def idle(self) -> bool:
        return True
    def trigger(self, repo: Doc, event: str, sha: str, branch: str, who: str, base: str = "") -> None: ...
    def rerun(self, run: Doc) -> None: ...
    def cancel(self, run: Doc) -> None: ...
    def rerun_suite(self, repo: Doc, suite_id: int) -> None: ...
    def jobs(self, run: Doc) -> list[Doc]:
        return []
    def log(self, job: Doc) -> str:
        return ""
    def log_file(self, file: str) -> str:
        return ""
    def download_link(self, file: str) -> str:
        expires = str(int(time.time()) + 60)
        return f"{self.hub.config.public_url}/_download/{file}?expires={expires}&sig={self._sign(file, expires)}"
    def _sign(self, file: str, expires: str) -> str:
        return hmac.new(self._secret, f"{file} {expires}".encode(), hashlib.sha256).hexdigest()
    def link_is_good(self, file: str, expires: str, sig: str) -> bool:
        return expires.isdigit() and int(expires) >= time.time() and hmac.compare_digest(self._sign(file, expires), sig)
