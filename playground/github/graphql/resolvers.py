"""How each thing of the graph is read from the stand-in's state, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..auth import Actor
from ..check_suites import check_runs, combined_state, latest_statuses
from ..hub import Hub
from ..protection import app_id, is_required, standing_reviews
from ..pull_requests import facts
from ..shapes.accounts import app_by_slug
from ..shapes.commits import account_of
from ..shapes.repositories import html_url
from ..store import Doc
from .execution import Field, FieldError

MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
_FORBIDDEN = FieldError("FORBIDDEN", "Resource not accessible by integration")


@dataclass(frozen=True)
class Context:
    """Who asks, of what. A pull request is looked at once for each query."""

    hub: Hub
    actor: Actor
    seen: dict[int, Doc] = field(default_factory=dict)

    def demand(self, need: str, repo: Doc) -> None:
        if not self.actor.allows(self.hub.config, need, repo["id"]):
            raise _FORBIDDEN


@dataclass(frozen=True)
class Thing:
    """A value of the graph: what it is, whose repository it is in, and its own document (or sha, or name)."""

    kind: str
    repo: Doc
    it: Any


def repository(context: Context, _: Any, given: Doc) -> Thing:
    repo = context.hub.repository(str(given["owner"]), str(given["name"]))
    if repo is None or not context.actor.sees(context.hub.config, repo["id"]):
        name = f"{given['owner']}/{given['name']}"
        raise FieldError("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return Thing("Repository", repo, repo)


def pull(context: Context, value: Thing, given: Doc) -> Thing:
    context.demand("pull_requests:read", value.repo)
    pull = context.hub.pull(value.repo, int(given["number"]))
    if pull is None:
        raise FieldError("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {given['number']}.")
    return Thing("PullRequest", value.repo, pull)


def git_object(context: Context, value: Thing, given: Doc) -> Thing | None:
    context.demand("contents:read", value.repo)
    git = context.hub.git(value.repo)
    if given.get("oid"):
        sha = str(given["oid"])
        return Thing("Commit", value.repo, sha) if git.object_type(sha) == "commit" else None
    revision, colon, path = str(given.get("expression") or "").partition(":")
    commit = git.resolve(revision)
    if commit is None or not colon:
        return Thing("Commit", value.repo, commit) if commit else None
    found = next(iter(git.entries(commit, path=path.rstrip("/"))), None)
    kind = {"tree": "Tree", "blob": "Blob"}.get(found.type if found else "")
    return Thing(kind, value.repo, found) if kind else None


def actor(login: str | None, repo: Doc) -> Thing | None:
    if not login:
        return None
    bot = login.endswith("[bot]")
    return Thing("Bot" if bot else "User", repo, login.removesuffix("[bot]"))


def settled(context: Context, value: Thing) -> Doc:
    ident = value.it["id"]
    if ident not in context.seen:
        context.seen[ident] = facts(context.hub, value.repo, value.it)
    return context.seen[ident]


def state(pull: Doc) -> str:
    return "MERGED" if pull["merged_at"] else str(pull["state"]).upper()


def base(context: Context, value: Thing, _: Doc) -> Thing | None:
    sha = context.hub.git(value.repo).branch(value.it["base_ref"])
    return Thing("Ref", value.repo, (value.it["base_ref"], sha)) if sha else None


def commits(context: Context, value: Thing, _: Doc) -> list[Thing]:
    git, pull = context.hub.git(value.repo), value.it
    start = git.merge_base(pull["base_sha"], pull["head_sha"]) or pull["base_sha"]
    listed = git.log(f"{start}..{pull['head_sha']}", reverse=True)
    return [Thing("PullRequestCommit", value.repo, commit.sha) for commit in listed]


def reviews(context: Context, value: Thing, given: Doc) -> list[Thing]:
    found = standing_reviews(context.hub, value.repo, value.it, writers=bool(given.get("writersOnly")))
    return [Thing("PullRequestReview", value.repo, it) for it in found]


def introduced_by(context: Context, value: Thing, _: Doc) -> list[Thing]:
    context.demand("pull_requests:read", value.repo)
    found = context.hub.pulls(value.repo, merge_commit_sha=value.it)
    return [Thing("PullRequest", value.repo, pull) for pull in found]


def rollup(context: Context, value: Thing, _: Doc) -> Thing | None:
    context.demand("checks:read", value.repo)
    context.demand("statuses:read", value.repo)
    state = combined_state(context.hub, value.repo, value.it)
    return None if state == "none" else Thing("StatusCheckRollup", value.repo, (value.it, state.upper()))


def contexts(context: Context, value: Thing, _: Doc) -> list[Thing]:
    hub, repo, sha = context.hub, value.repo, value.it[0]
    runs = [Thing("CheckRun", repo, run) for run in check_runs(hub, repo, sha)]
    return [*runs, *(Thing("StatusContext", repo, it) for it in latest_statuses(hub, repo, sha))]


def required(context: Context, value: Thing, given: Doc) -> bool:
    pull = context.hub.pull(value.repo, int(given["pullRequestNumber"]))
    if pull is None:
        raise FieldError("NOT_FOUND", "Could not resolve to a PullRequest with that number.")
    if value.it.get("head_sha", value.it.get("sha")) != pull["head_sha"]:
        raise FieldError("UNPROCESSABLE", "This check is not of the head of that pull request.")
    if value.kind == "CheckRun":
        return is_required(value.repo, pull["base_ref"], value.it["name"], app_id(context.hub, value.it))
    return is_required(value.repo, pull["base_ref"], value.it["context"], None)


def app(context: Context, value: Thing, _: Doc) -> Thing:
    return Thing("App", value.repo, app_by_slug(context.hub.config, value.it["app_slug"]))


def suite_status(context: Context, value: Thing, _: Doc) -> str:
    """Return COMPLETED only when the workflow behind a suite has ended: a later job may not exist yet."""
    hub, suite_id = context.hub, value.it["suite_id"]
    workflows = hub.store.find("workflow_run", repo=value.repo["id"], where=lambda it: it["suite_id"] == suite_id)
    if any(it["status"] != "completed" for it in workflows):
        return "IN_PROGRESS"
    return str((hub.store.get("check_suite", suite_id) or {}).get("status", "completed")).upper()


def signed(role: str) -> Callable[[Context, Thing, Doc], Thing]:
    return lambda context, value, _: Thing(
        "GitActor", value.repo, getattr(context.hub.git(value.repo).commit(value.it), role)
    )


def account(context: Context, value: Thing, _: Doc) -> Thing | None:
    """Return the account behind a signature. GitHub knows a person by their address, and no bot here."""
    found = account_of(context.hub.config, value.it)
    return Thing("User", value.repo, found["login"]) if found and found["type"] == "User" else None


def run_page(context: Context, value: Thing, _: Doc) -> str:
    return str(value.it["html_url"] or f"{html_url(context.hub.config, value.repo)}/runs/{value.it['id']}")


def details_page(context: Context, value: Thing, given: Doc) -> str:
    return str(value.it["details_url"] or run_page(context, value, given))


def upper(name: str) -> Callable[[Any, Thing, Doc], str | None]:
    return lambda _context, value, _given: value.it[name].upper() if value.it[name] else None


def own(name: str) -> Callable[[Any, Thing, Doc], Any]:
    return lambda _context, value, _given: value.it[name]


def setting(name: str) -> Field:
    return Field("Boolean", lambda _context, value, _given: value.repo.get(name, True))


ROLLUP = Field("StatusCheckRollup", rollup)
IS_REQUIRED = Field("Boolean", required, {"pullRequestNumber": "Int!"})
LOGIN = {"login": Field("String", lambda _context, value, _given: value.it)}
