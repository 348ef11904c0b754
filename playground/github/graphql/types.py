"""The types of GitHub's schema that this stand-in knows: one pull request with its reviews, commits and checks.

Law: a field is named, typed and spelt as in GitHub's schema: enumerations in capitals, a bot's login without "[bot]".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..auth import Actor
from ..check_suites import check_runs, combined_state, latest_statuses
from ..hub import Hub
from ..protection import app_id, is_required, parameters, standing_reviews
from ..pull_requests import facts
from ..shapes.accounts import app_by_slug, node_id
from ..shapes.commits import account_of
from ..shapes.repositories import html_url
from ..store import Doc
from .execution import Field, FieldError, Schema

_MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
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


def _repository(context: Context, _: Any, given: Doc) -> Thing:
    repo = context.hub.repository(str(given["owner"]), str(given["name"]))
    if repo is None or not context.actor.sees(context.hub.config, repo["id"]):
        name = f"{given['owner']}/{given['name']}"
        raise FieldError("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return Thing("Repository", repo, repo)


def _pull(context: Context, value: Thing, given: Doc) -> Thing:
    context.demand("pull_requests:read", value.repo)
    pull = context.hub.pull(value.repo, int(given["number"]))
    if pull is None:
        raise FieldError("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {given['number']}.")
    return Thing("PullRequest", value.repo, pull)


def _object(context: Context, value: Thing, given: Doc) -> Thing | None:
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


def _actor(login: str | None, repo: Doc) -> Thing | None:
    if not login:
        return None
    bot = login.endswith("[bot]")
    return Thing("Bot" if bot else "User", repo, login.removesuffix("[bot]"))


def _settled(context: Context, value: Thing) -> Doc:
    ident = value.it["id"]
    if ident not in context.seen:
        context.seen[ident] = facts(context.hub, value.repo, value.it)
    return context.seen[ident]


def _state(pull: Doc) -> str:
    return "MERGED" if pull["merged_at"] else str(pull["state"]).upper()


def _base(context: Context, value: Thing, _: Doc) -> Thing | None:
    sha = context.hub.git(value.repo).branch(value.it["base_ref"])
    return Thing("Ref", value.repo, (value.it["base_ref"], sha)) if sha else None


def _commits(context: Context, value: Thing, _: Doc) -> list[Thing]:
    git, pull = context.hub.git(value.repo), value.it
    start = git.merge_base(pull["base_sha"], pull["head_sha"]) or pull["base_sha"]
    listed = git.log(f"{start}..{pull['head_sha']}", reverse=True)
    return [Thing("PullRequestCommit", value.repo, commit.sha) for commit in listed]


def _reviews(context: Context, value: Thing, given: Doc) -> list[Thing]:
    found = standing_reviews(context.hub, value.repo, value.it, writers=bool(given.get("writersOnly")))
    return [Thing("PullRequestReview", value.repo, it) for it in found]


def _introduced_by(context: Context, value: Thing, _: Doc) -> list[Thing]:
    context.demand("pull_requests:read", value.repo)
    found = context.hub.pulls(value.repo, merge_commit_sha=value.it)
    return [Thing("PullRequest", value.repo, pull) for pull in found]


def _rollup(context: Context, value: Thing, _: Doc) -> Thing | None:
    context.demand("checks:read", value.repo)
    context.demand("statuses:read", value.repo)
    state = combined_state(context.hub, value.repo, value.it)
    return None if state == "none" else Thing("StatusCheckRollup", value.repo, (value.it, state.upper()))


def _contexts(context: Context, value: Thing, _: Doc) -> list[Thing]:
    hub, repo, sha = context.hub, value.repo, value.it[0]
    runs = [Thing("CheckRun", repo, run) for run in check_runs(hub, repo, sha)]
    return [*runs, *(Thing("StatusContext", repo, it) for it in latest_statuses(hub, repo, sha))]


def _required(context: Context, value: Thing, given: Doc) -> bool:
    pull = context.hub.pull(value.repo, int(given["pullRequestNumber"]))
    if pull is None:
        raise FieldError("NOT_FOUND", "Could not resolve to a PullRequest with that number.")
    if value.kind == "CheckRun":
        return is_required(value.repo, pull["base_ref"], value.it["name"], app_id(context.hub, value.it))
    return is_required(value.repo, pull["base_ref"], value.it["context"], None)


def _app(context: Context, value: Thing, _: Doc) -> Thing:
    return Thing("App", value.repo, app_by_slug(context.hub.config, value.it["app_slug"]))


def _suite_status(context: Context, value: Thing, _: Doc) -> str:
    """Return COMPLETED only when the workflow behind a suite has ended: a later job may not exist yet."""
    hub, suite_id = context.hub, value.it["suite_id"]
    workflows = hub.store.find("workflow_run", repo=value.repo["id"], where=lambda it: it["suite_id"] == suite_id)
    if any(it["status"] != "completed" for it in workflows):
        return "IN_PROGRESS"
    return str((hub.store.get("check_suite", suite_id) or {}).get("status", "completed")).upper()


def _signed(role: str) -> Callable[[Context, Thing, Doc], Thing]:
    return lambda context, value, _: Thing(
        "GitActor", value.repo, getattr(context.hub.git(value.repo).commit(value.it), role)
    )


def _account(context: Context, value: Thing, _: Doc) -> Thing | None:
    """Return the account behind a signature. GitHub knows a person by their address, and no bot here."""
    found = account_of(context.hub.config, value.it)
    return Thing("User", value.repo, found["login"]) if found and found["type"] == "User" else None


def _run_page(context: Context, value: Thing, _: Doc) -> str:
    return str(value.it["html_url"] or f"{html_url(context.hub.config, value.repo)}/runs/{value.it['id']}")


def _upper(name: str) -> Callable[[Any, Thing, Doc], str | None]:
    return lambda _context, value, _given: value.it[name].upper() if value.it[name] else None


def _own(name: str) -> Callable[[Any, Thing, Doc], Any]:
    return lambda _context, value, _given: value.it[name]


def _setting(name: str) -> Field:
    return Field("Boolean", lambda _context, value, _given: value.repo.get(name, True))


_ROLLUP = Field("StatusCheckRollup", _rollup)
_IS_REQUIRED = Field("Boolean", _required, {"pullRequestNumber": "Int!"})
_LOGIN = {"login": Field("String", lambda _context, value, _given: value.it)}

TYPES: dict[str, dict[str, Field]] = {
    "Query": {"repository": Field("Repository", _repository, {"owner": "String!", "name": "String!"})},
    "Repository": {
        "databaseId": Field("Int", _own("id")),
        "nameWithOwner": Field("String", _own("full_name")),
        "mergeCommitAllowed": _setting("allow_merge_commit"),
        "squashMergeAllowed": _setting("allow_squash_merge"),
        "rebaseMergeAllowed": _setting("allow_rebase_merge"),
        "pullRequest": Field("PullRequest", _pull, {"number": "Int!"}),
        "object": Field("GitObject", _object, {"oid": "GitObjectID", "expression": "String"}),
    },
    "PullRequest": {
        "id": Field("ID", lambda _context, value, _given: node_id("PullRequest", value.it["id"])),
        "number": Field("Int", _own("number")),
        "url": Field(
            "URI", lambda context, value, _: f"{html_url(context.hub.config, value.repo)}/pull/{value.it['number']}"
        ),
        "state": Field("Enum", lambda _context, value, _given: _state(value.it)),
        "merged": Field("Boolean", lambda _context, value, _given: value.it["merged_at"] is not None),
        "isDraft": Field("Boolean", _own("draft")),
        "author": Field("Actor", lambda _context, value, _given: _actor(value.it["user"], value.repo)),
        "mergedBy": Field("Actor", lambda _context, value, _given: _actor(value.it["merged_by"], value.repo)),
        "mergeCommit": Field(
            "Commit",
            lambda _context, value, _: (
                Thing("Commit", value.repo, value.it["merge_commit_sha"]) if value.it["merged_at"] else None
            ),
        ),
        "headRefName": Field("String", _own("head_ref")),
        "headRefOid": Field("GitObjectID", _own("head_sha")),
        "baseRefName": Field("String", _own("base_ref")),
        "baseRefOid": Field("GitObjectID", _own("base_sha")),
        "baseRef": Field("Ref", _base),
        "mergeable": Field("Enum", lambda context, value, _: _MERGEABLE[_settled(context, value)["mergeable"]]),
        "mergeStateStatus": Field(
            "Enum", lambda context, value, _: _settled(context, value)["mergeable_state"].upper()
        ),
        "isMergeQueueEnabled": Field(
            "Boolean",
            lambda _context, value, _: parameters(value.repo, value.it["base_ref"], "merge_queue") is not None,
        ),
        "latestOpinionatedReviews": Field("Connection:PullRequestReview", _reviews, {"writersOnly": "Boolean"}),
        "commits": Field("Connection:PullRequestCommit", _commits),
    },
    "PullRequestCommit": {
        "commit": Field("Commit", lambda _context, value, _given: Thing("Commit", value.repo, value.it)),
    },
    "PullRequestReview": {
        "id": Field("ID", lambda _context, value, _given: node_id("PullRequestReview", value.it["id"])),
        "state": Field("Enum", _own("state")),
        "author": Field("Actor", lambda _context, value, _given: _actor(value.it["user"], value.repo)),
        "commit": Field("Commit", lambda _context, value, _: Thing("Commit", value.repo, value.it["commit_id"])),
    },
    "Ref": {
        "name": Field("String", lambda _context, value, _given: value.it[0]),
        "target": Field("GitObject", lambda _context, value, _given: Thing("Commit", value.repo, value.it[1])),
    },
    "GitObject": {"oid": Field("GitObjectID", lambda _context, value, _given: value.it)},
    "Commit": {
        "oid": Field("GitObjectID", lambda _context, value, _given: value.it),
        "author": Field("GitActor", _signed("author")),
        "committer": Field("GitActor", _signed("committer")),
        "statusCheckRollup": _ROLLUP,
        "associatedPullRequests": Field("Connection:PullRequest", _introduced_by),
    },
    "Tree": {
        "entries": Field(
            "[TreeEntry]",
            lambda context, value, _: [
                Thing("TreeEntry", value.repo, it) for it in context.hub.git(value.repo).entries(value.it.sha)
            ],
        ),
    },
    "TreeEntry": {"name": Field("String", lambda _context, value, _: value.it.path.rsplit("/", 1)[-1])},
    "Blob": {},
    "StatusCheckRollup": {
        "state": Field("Enum", lambda _context, value, _given: value.it[1]),
        "contexts": Field("Connection:StatusCheckRollupContext", _contexts),
    },
    "StatusCheckRollupContext": {},
    "CheckRun": {
        "databaseId": Field("Int", _own("id")),
        "name": Field("String", _own("name")),
        "status": Field("Enum", _upper("status")),
        "conclusion": Field("Enum", _upper("conclusion")),
        "title": Field("String", lambda _context, value, _: (value.it["output"] or {}).get("title")),
        "summary": Field("String", lambda _context, value, _: (value.it["output"] or {}).get("summary")),
        "url": Field("URI", _run_page),
        "detailsUrl": Field("URI", lambda context, value, _: value.it["details_url"] or _run_page(context, value, {})),
        "isRequired": _IS_REQUIRED,
        "checkSuite": Field("CheckSuite", lambda _context, value, _: Thing("CheckSuite", value.repo, value.it)),
    },
    "CheckSuite": {
        "databaseId": Field("Int", _own("suite_id")),
        "status": Field("Enum", _suite_status),
        "app": Field("App", _app),
    },
    "GitActor": {
        "name": Field("String", lambda _context, value, _given: value.it.name),
        "user": Field("User", _account),
    },
    "App": {
        "databaseId": Field("Int", _own("id")),
        "slug": Field("String", _own("slug")),
        "name": Field("String", _own("name")),
    },
    "StatusContext": {
        "context": Field("String", _own("context")),
        "state": Field("Enum", _upper("state")),
        "description": Field("String", _own("description")),
        "targetUrl": Field("URI", _own("target_url")),
        "createdAt": Field("DateTime", _own("created_at")),
        "creator": Field("Actor", lambda _context, value, _given: _actor(value.it["user"], value.repo)),
        "isRequired": _IS_REQUIRED,
    },
    "Actor": _LOGIN,
    "User": _LOGIN,
    "Bot": _LOGIN,
}

SCHEMA = Schema(
    types=TYPES,
    members={
        "Actor": ("User", "Bot"),
        "GitObject": ("Commit", "Tree", "Blob"),
        "StatusCheckRollupContext": ("CheckRun", "StatusContext"),
    },
    type_of=lambda value: str(value.kind),
)
