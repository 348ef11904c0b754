"""The life of a pull request: opened, reopened, closed, and what is known of it. `merging` merges one.

Law: nothing here moves a ref of a branch, so that `pushes` can use it.
"""

from __future__ import annotations

import time
from typing import Any

from .errors import ApiError, invalid
from .git import Ident
from .git_diff import changes
from .hub import Hub
from .protection import mergeable_state
from .shapes.pulls import pull_full
from .store import Doc, now


def ident_of(hub: Hub, login: str) -> Ident:
    """Return how a login signs a commit that the forge makes for it."""
    person = hub.config.person(login)
    return Ident(person.name, person.email) if person else Ident(login, f"{login}@users.noreply.playground.test")


def open_pull(hub: Hub, repo: Doc, *, head: str, base: str, title: str, body: str | None, draft: bool, who: str) -> Doc:
    """Open a pull request. Raises 422 as GitHub does for each thing that is wrong with the two branches."""
    owner, _, head_ref = head.rpartition(":")
    git = hub.git(repo)
    head_sha = git.branch(head_ref) if owner.lower() in {"", repo["owner"].lower()} else None
    if head_sha is None:
        raise invalid("PullRequest", "head")
    base_sha = git.branch(base)
    if base_sha is None:
        raise invalid("PullRequest", "base")
    with hub.lock:
        if hub.pulls(repo, state="open", head_ref=head_ref, base_ref=base):
            raise ApiError(
                422, "Validation Failed",
                [{"resource": "PullRequest", "code": "custom",
                  "message": f"A pull request already exists for {repo['owner']}:{head_ref}."}],
            )  # fmt: skip
        if head_sha == base_sha or git.is_ancestor(head_sha, base_sha):
            message = f"No commits between {base} and {head_ref}"
            raise ApiError(
                422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}]
            )
        number = hub.store.next(f"number-{repo['id']}")
        fresh: Doc = {
            "number": number, "title": title, "body": body, "state": "open", "draft": draft, "head_ref": head_ref,
            "head_sha": head_sha, "base_ref": base, "base_sha": base_sha, "user": who, "created_at": now(),
            "updated_at": now(), "closed_at": None, "merged_at": None, "merge_commit_sha": None, "merged_by": None,
            "merge_method": None, "requested_reviewers": [], "requested_teams": [], "labels": [], "touched": True,
            "changed_at": time.time(),
        }  # fmt: skip
        pull = hub.store.add("pull", fresh, repo=repo["id"], key=str(number))
        git.update_ref(f"refs/pull/{number}/head", head_sha)
    announce(hub, repo, pull, "opened", who)
    hub.ci.trigger(repo, "pull_request", head_sha, head_ref, who, base=base)
    return pull


def announce(hub: Hub, repo: Doc, pull: Doc, action: str, who: str, **more: Any) -> None:
    """Emit the `pull_request` event."""
    shape = pull_full(hub.config, repo, pull, {**facts(hub, repo, pull, settle=False)})
    hub.webhooks.emit("pull_request", action, repo, {"number": pull["number"], "pull_request": shape, **more}, who)


def close(hub: Hub, repo: Doc, pull: Doc, who: str) -> Doc:
    pull = hub.store.update("pull", pull["id"], state="closed", closed_at=now(), updated_at=now())
    announce(hub, repo, pull, "closed", who)
    return pull


def reopen(hub: Hub, repo: Doc, pull: Doc, who: str) -> Doc:
    """Open it again. Raises 422 when it was merged or its branch is gone."""
    sha = hub.git(repo).branch(pull["head_ref"])
    if pull["merged_at"] or sha is None:
        raise invalid("PullRequest", "state", message="state cannot be changed.")
    pull = hub.store.update("pull", pull["id"], state="open", closed_at=None, head_sha=sha, updated_at=now())
    announce(hub, repo, pull, "reopened", who)
    return pull


def retarget(hub: Hub, repo: Doc, pull: Doc, base: str) -> Doc:
    """Return the fields that make another branch its base. Raises 422 where there is no such branch."""
    sha = hub.git(repo).branch(base)
    others = hub.pulls(repo, state="open", head_ref=pull["head_ref"], base_ref=base)
    if sha is None or any(it["id"] != pull["id"] for it in others):
        raise invalid("PullRequest", "base")
    return {"base_ref": base, "base_sha": sha}


def facts(hub: Hub, repo: Doc, pull: Doc, *, settle: bool = True) -> dict[str, Any]:
    """Return counts and mergeability. `mergeable` is None for a moment after a change, as GitHub computes it later."""
    git = hub.git(repo)
    base = git.branch(pull["base_ref"]) or pull["base_sha"]
    start = git.merge_base(pull["base_sha"] if pull["merged_at"] else base, pull["head_sha"])
    files = changes(git, start or base, pull["head_sha"], patches=False)
    comments = len(hub.store.find("issue_comment", repo=repo["id"], key=str(pull["number"])))
    counts: dict[str, Any] = {
        "comments": comments, "commits": git.count(f"{start or base}..{pull['head_sha']}"),
        "additions": sum(file.additions for file in files), "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }  # fmt: skip
    fresh = _age(hub, pull, base) < hub.config.mergeable_delay
    if pull["state"] == "closed" or fresh or not settle:
        return {**counts, "mergeable": None, "mergeable_state": "unknown"}
    state = mergeable_state(hub, repo, git, pull, base)
    return {**counts, "mergeable": state != "dirty", "mergeable_state": state}


def _age(hub: Hub, pull: Doc, base: str) -> float:
    """Return the seconds since the pair of head and base was first looked at."""
    pair = f"{base}:{pull['head_sha']}"
    if pull.get("pair") != pair:
        hub.store.update("pull", pull["id"], pair=pair, changed_at=time.time())
        return 0.0
    return time.time() - float(pull["changed_at"])


def mark_merged(hub: Hub, repo: Doc, pull: Doc, sha: str, who: str, method: str) -> None:
    pull = hub.store.update(
        "pull", pull["id"], state="closed", merged_at=now(), closed_at=now(), updated_at=now(), merge_commit_sha=sha,
        merged_by=who, merge_method=method,
    )  # fmt: skip
    body = {"number": pull["number"], "sha": sha, "head_sha": pull["head_sha"], "user": who}
    hub.store.add("merge", body, repo=repo["id"])
    announce(hub, repo, pull, "closed", who)
