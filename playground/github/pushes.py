"""Does what follows when a ref moves, however it was moved: push event, pull requests, CI.

Law: every ref change passes through `ref_moved`, after the ref has moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from .git import ZERO, BareRepository, Commit
from .hub import Hub
from .pull_requests import announce, close, mark_merged
from .shapes.commits import simple_commit
from .shapes.repositories import html_url
from .store import Doc, now


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List (ref, old, new) for each ref that differs between two readings; ZERO for absent."""
    names = sorted({*before, *after})
    pairs = ((name, before.get(name, ZERO), after.get(name, ZERO)) for name in names)
    return [(name, old, new) for name, old, new in pairs if old != new]


def ref_moved(hub: Hub, repo: Doc, ref: str, old: str, new: str, who: str) -> None:
    """Tell the world, move pull requests along, and start CI."""
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        return
    repo = hub.store.update("repository", repo["id"], pushed_at=now())
    git = hub.git(repo)
    _announce(hub, repo, git, ref, old, new, who)
    if not ref.startswith("refs/heads/"):
        return
    branch = ref.removeprefix("refs/heads/")
    _remember(hub, repo, git, ref, old, new, who)
    for pull in hub.pulls(repo, state="open", head_ref=branch):
        _follow(hub, repo, git, pull, old, new, who)
    if new != ZERO:
        for pull in hub.pulls(repo, state="open", base_ref=branch):
            _base_moved(hub, repo, git, pull, new, who)
        hub.ci.trigger(repo, "push", new, branch, who)


def _remember(hub: Hub, repo: Doc, git: BareRepository, ref: str, old: str, new: str, who: str) -> None:
    """Keep who moved a branch: unlike the authors of commits, nobody can choose that."""
    kind = "branch_creation" if old == ZERO else "branch_deletion" if new == ZERO else "push"
    if kind == "push" and not git.is_ancestor(old, new):
        kind = "force_push"
    hub.store.add(
        "activity",
        {"ref": ref, "before": old, "after": new, "timestamp": now(), "activity_type": kind, "actor": who},
        repo=repo["id"],
    )


def _announce(hub: Hub, repo: Doc, git: BareRepository, ref: str, old: str, new: str, who: str) -> None:
    commits = []
    if new != ZERO:
        revisions = [new] if old == ZERO else [f"{old}..{new}"]
        limit = 1 if old == ZERO else 20
        commits = [_commit(hub, repo, commit) for commit in git.log(*revisions, limit=limit, reverse=old != ZERO)]
    forced = ZERO not in (old, new) and not git.is_ancestor(old, new)
    compare = f"{html_url(hub.config, repo)}/compare/{old[:12]}...{new[:12]}"
    payload: Doc = {
        "ref": ref, "before": old, "after": new, "created": old == ZERO, "deleted": new == ZERO, "forced": forced,
        "base_ref": None, "compare": compare, "commits": commits, "head_commit": commits[-1] if commits else None,
        "pusher": {"name": who, "email": f"{who}@users.noreply.playground.test"},
    }  # fmt: skip
    hub.webhooks.emit("push", None, repo, payload, who)


def _commit(hub: Hub, repo: Doc, commit: Commit) -> Doc:
    url = f"{html_url(hub.config, repo)}/commit/{commit.sha}"
    return {**simple_commit(commit), "distinct": True, "url": url, "added": [], "removed": [], "modified": []}


def _follow(hub: Hub, repo: Doc, git: BareRepository, pull: Doc, old: str, new: str, who: str) -> None:
    """Move a pull request along with its head branch; close it where the branch went away."""
    if new == ZERO:
        close(hub, repo, pull, who)
        return
    pull = hub.store.update("pull", pull["id"], head_sha=new, updated_at=now(), touched=True)
    git.update_ref(f"refs/pull/{pull['number']}/head", new)
    announce(hub, repo, pull, "synchronize", who, before=old, after=new)
    hub.ci.trigger(repo, "pull_request", new, pull["head_ref"], who, base=pull["base_ref"])


def _base_moved(hub: Hub, repo: Doc, git: BareRepository, pull: Doc, new: str, who: str) -> None:
    """Mark a pull request as merged where its base now contains its head: it was merged by hand."""
    if pull["head_sha"] != pull["base_sha"] and git.is_ancestor(pull["head_sha"], new):
        mark_merged(hub, repo, pull, new, who, "push")
