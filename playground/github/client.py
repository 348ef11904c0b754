"""A test's desk at the GitHub stand-in: do what people do, break things, count what happened.

Law: nothing in here is used by the product; it speaks to the controls, which answer on loopback only.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

Doc = dict[str, Any]


class DeskError(Exception):
    """The stand-in refused; the text is its own."""


class GitHubDesk:
    """Synchronous. `base_url` is the stand-in's origin; every call raises DeskError on a refusal."""

    def __init__(self, base_url: str, timeout: float = 30.0) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address of our own stand-in
            f"{self.base_url}/_control/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 - as above
                return json.loads(answer.read())
        except HTTPError as refused:
            raise DeskError(refused.read().decode(errors="replace")) from None

    # look

    def state(self, repo: str | None = None) -> Doc:
        """Return everything: repositories (refs, pulls, merges, check_runs, ...), deliveries, requests,
        request_counts.
        """
        made: Doc = self._call("GET", f"state?repo={quote(repo)}" if repo else "state")
        return made

    def repository(self, repo: str) -> Doc:
        inside: Doc = self.state(repo)["repositories"][0]
        return inside

    def refs(self, repo: str) -> dict[str, str]:
        """Branch name to sha."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in self.repository(repo)["refs"].items()}

    def pulls(self, repo: str) -> list[Doc]:
        return list(self.repository(repo)["pulls"])

    def merges(self, repo: str) -> list[Doc]:
        """Return each merge that happened: number, sha, head_sha, user."""
        return list(self.repository(repo)["merges"])

    def check_runs(self, repo: str, sha: str | None = None) -> list[Doc]:
        return [run for run in self.repository(repo)["check_runs"] if sha in {None, run["head_sha"]}]

    def deliveries(self) -> list[Doc]:
        return list(self.state()["deliveries"])

    def requests(self) -> list[Doc]:
        """Return the newest 1,000 calls: method, route, path, status, actor, at."""
        return list(self.state()["requests"])

    def request_counts(self) -> dict[str, int]:
        """Return calls by `METHOD /route/template`."""
        return dict(self.state()["request_counts"])

    def wait_for(self, fact: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Return the first true value of `fact`, asked again and again; AssertionError when time is up."""
        deadline = time.monotonic() + seconds
        while True:
            if found := fact():
                return found
            if time.monotonic() > deadline:
                raise AssertionError("the awaited fact did not come true")
            time.sleep(0.05)

    def wait_for_ci(self, repo: str, sha: str, seconds: float = 60.0) -> list[Doc]:
        """Return all check runs of a commit, once there is one and all are complete."""

        def done() -> list[Doc]:
            runs = self.check_runs(repo, sha)
            return runs if runs and all(run["status"] == "completed" for run in runs) else []

        return list(self.wait_for(done, seconds))

    # act

    def seed(self, repo: str, source: str, default_branch: str = "main", workflow: str | None = None) -> str:
        """Put a folder or local git repository on the stand-in; the sha of its default branch."""
        body = {"repo": repo, "source": source, "default_branch": default_branch, "workflow": workflow}
        return str(self._call("POST", "repositories", body)["sha"])

    def push_commit(
        self, repo: str, branch: str, files: Mapping[str, str | None], *, author: str = "ben",
        message: str = "Change some files", **more: str,
    ) -> str:  # fmt: skip
        """Commit files (None removes one) onto a branch as any person; the new head. Works on protected
        branches too.
        """
        body = {"repo": repo, "branch": branch, "files": dict(files), "author": author, "message": message, **more}
        return str(self._call("POST", "push", body)["sha"])

    def keep_large(self, repo: str, content: bytes) -> str:
        """Put an object into Git LFS; the text of the pointer file that belongs in git."""
        body = {"repo": repo, "content": base64.b64encode(content).decode()}
        return str(self._call("POST", "large", body)["pointer"])

    def refuse_large(self, repo: str, oid: str, code: int) -> None:
        """From now on an object of Git LFS is gone: 404 (not there), 410 (removed), 422 (wrong)."""
        self._call("POST", "large", {"repo": repo, "oid": oid, "code": code})

    def set_check_run(self, repo: str, sha: str, name: str, **fields: str) -> int:
        """Create or change a check run: status, conclusion, title, summary, app."""
        return int(self._call("POST", "check-run", {"repo": repo, "sha": sha, "name": name, **fields})["id"])

    def set_status(self, repo: str, sha: str, context: str, state: str, **fields: str) -> None:
        self._call("POST", "status", {"repo": repo, "sha": sha, "context": context, "state": state, **fields})

    def deploy(self, repo: str, sha: str, environment_url: str, **fields: str) -> None:
        self._call("POST", "deployment", {"repo": repo, "sha": sha, "environment_url": environment_url, **fields})

    def merge(self, repo: str, number: int, *, person: str = "ben", method: str = "merge") -> str:
        return str(self._call("POST", "merge", {"repo": repo, "number": number, "as": person, "method": method})["sha"])

    def open_pull(self, repo: str, head: str, base: str = "main", *, person: str = "ben", title: str = "Mine") -> int:
        """Open a pull request as any person; its number."""
        body = {"repo": repo, "head": head, "base": base, "as": person, "title": title}
        return int(self._call("POST", "pull", body)["number"])

    def retarget(self, repo: str, number: int, base: str, *, person: str = "ben") -> None:
        """Choose another base branch for a pull request."""
        self._call("POST", "retarget", {"repo": repo, "number": number, "base": base, "as": person})

    def merge_group(self, repo: str, *numbers: int, method: str = "merge") -> list[str]:
        """Merge pull requests as one group of a merge queue; the sha of each."""
        body = {"repo": repo, "numbers": numbers, "method": method}
        return list(self._call("POST", "queue", body)["shas"])

    def rename_branch(self, repo: str, branch: str, to: str, *, person: str = "ben") -> None:
        self._call("POST", "rename", {"repo": repo, "branch": branch, "to": to, "as": person})

    def close(self, repo: str, number: int, *, person: str = "ben") -> None:
        self._call("POST", "close", {"repo": repo, "number": number, "as": person})

    def reopen(self, repo: str, number: int, *, person: str = "ben") -> None:
        """Open a closed pull request again as a person."""
        self._call("POST", "close", {"repo": repo, "number": number, "as": person, "again": True})

    def review(self, repo: str, number: int, state: str, *, person: str = "cleo", body: str = "") -> int:
        """Review as a person: APPROVED, CHANGES_REQUESTED, COMMENTED; DISMISSED takes back that person's newest."""
        asked = {"repo": repo, "number": number, "state": state, "as": person, "body": body}
        return int(self._call("POST", "review", asked)["id"])

    def secret(self, repo: str, name: str, value: str, of: str = "", **policy: Any) -> None:
        """Give CI a secret; `of` is "" (the repository's), "organization" or "environment:NAME"."""
        self._call("POST", "secret", {"repo": repo, "name": name, "value": value, "of": of, **policy})

    def delete_branch(self, repo: str, branch: str, *, person: str = "ben") -> bool:
        return bool(self._call("POST", "delete-branch", {"repo": repo, "branch": branch, "as": person})["deleted"])

    def protect(self, repo: str, **fields: Any) -> None:
        """Change settings. `protected` and `strict`: bool, `required_checks`: names or {context, app_id}, `rules`: a
        ruleset's {type, parameters}, `allow_merge_commit` and its like: bool, `workflow`: a text that replaces the
        repository's own.
        """
        self._call("POST", "protection", {"repo": repo, **fields})

    def role(self, repo: str, login: str, role: str) -> None:
        """Give a person a role in one repository: none, read, triage, write, maintain or admin."""
        self._call("POST", "role", {"repo": repo, "login": login, "role": role})

    def ci(self, *, held: bool | None = None, auto: bool | None = None) -> bool:
        """Hold or release queued runs, switch automatic runs; whether the CI is idle."""
        return bool(self._call("POST", "ci", {"held": held, "auto": auto})["idle"])

    # break

    def fail_next(
        self, method: str, path: str, *, times: int = 1, status: int = 0, drop: str = "", slow_ms: int = 0,
        message: str | None = None, retry_after: int | None = None, skip: int = 0,
    ) -> None:  # fmt: skip
        """Answer the next `times` calls whose path matches (after `skip` good ones) with a status, or the connection
        dropped `before` or `after` the effect, or only slow."""
        body: Doc = {"method": method, "path": path, "times": times, "status": status, "drop": drop, "skip": skip}
        body |= {"slow_ms": slow_ms, "retry_after": retry_after}
        self._call("POST", "faults", body | ({"message": message} if message else {}))

    def clear_faults(self) -> None:
        self._call("POST", "faults/clear", {})

    def ping(self) -> None:
        """Send the event of a webhook just made."""
        self._call("POST", "ping", {})

    def installation(self, action: str = "created") -> None:
        """Send the event of an app installed, deleted, suspended or unsuspended."""
        self._call("POST", "installation", {"action": action})

    def webhooks(self, *, held: bool | None = None, repeat: int | None = None, shuffle: int | None = None) -> None:
        """Hold deliveries or release them, send each `repeat` times, shuffle each batch by a seed (0: in order)."""
        self._call("POST", "deliveries", {"held": held, "repeat": repeat, "shuffle": shuffle})
