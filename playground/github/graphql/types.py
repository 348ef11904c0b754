"""The types of GitHub's schema that this stand-in knows: one pull request with its reviews, commits and checks.

Law: a field is named, typed and spelt as in GitHub's schema: enumerations in capitals, a bot's login without "[bot]".
"""

from __future__ import annotations

from ..protection import parameters
from ..shapes.accounts import node_id
from ..shapes.repositories import html_url
from . import resolvers as read
from .execution import Field, Schema
from .resolvers import Thing

TYPES: dict[str, dict[str, Field]] = {
    "Query": {"repository": Field("Repository", read.repository, {"owner": "String!", "name": "String!"})},
    "Repository": {
        "databaseId": Field("Int", read.own("id")),
        "nameWithOwner": Field("String", read.own("full_name")),
        "mergeCommitAllowed": read.setting("allow_merge_commit"),
        "squashMergeAllowed": read.setting("allow_squash_merge"),
        "rebaseMergeAllowed": read.setting("allow_rebase_merge"),
        "pullRequest": Field("PullRequest", read.pull, {"number": "Int!"}),
        "object": Field("GitObject", read.git_object, {"oid": "GitObjectID", "expression": "String"}),
    },
    "PullRequest": {
        "id": Field("ID", lambda _context, value, _given: node_id("PullRequest", value.it["id"])),
        "number": Field("Int", read.own("number")),
        "url": Field(
            "URI", lambda context, value, _: f"{html_url(context.hub.config, value.repo)}/pull/{value.it['number']}"
        ),
        "state": Field("Enum", lambda _context, value, _given: read.state(value.it)),
        "merged": Field("Boolean", lambda _context, value, _given: value.it["merged_at"] is not None),
        "isDraft": Field("Boolean", read.own("draft")),
        "author": Field("Actor", lambda _context, value, _given: read.actor(value.it["user"], value.repo)),
        "mergedBy": Field("Actor", lambda _context, value, _given: read.actor(value.it["merged_by"], value.repo)),
        "mergeCommit": Field(
            "Commit",
            lambda _context, value, _: (
                Thing("Commit", value.repo, value.it["merge_commit_sha"]) if value.it["merged_at"] else None
            ),
        ),
        "headRefName": Field("String", read.own("head_ref")),
        "headRefOid": Field("GitObjectID", read.own("head_sha")),
        "baseRefName": Field("String", read.own("base_ref")),
        "baseRefOid": Field("GitObjectID", read.own("base_sha")),
        "baseRef": Field("Ref", read.base),
        "mergeable": Field("Enum", lambda context, value, _: read.MERGEABLE[read.settled(context, value)["mergeable"]]),
        "mergeStateStatus": Field(
            "Enum", lambda context, value, _: read.settled(context, value)["mergeable_state"].upper()
        ),
        "isMergeQueueEnabled": Field(
            "Boolean",
            lambda _context, value, _: parameters(value.repo, value.it["base_ref"], "merge_queue") is not None,
        ),
        "latestOpinionatedReviews": Field("Connection:PullRequestReview", read.reviews, {"writersOnly": "Boolean"}),
        "commits": Field("Connection:PullRequestCommit", read.commits),
    },
    "PullRequestCommit": {
        "commit": Field("Commit", lambda _context, value, _given: Thing("Commit", value.repo, value.it)),
    },
    "PullRequestReview": {
        "id": Field("ID", lambda _context, value, _given: node_id("PullRequestReview", value.it["id"])),
        "state": Field("Enum", read.own("state")),
        "author": Field("Actor", lambda _context, value, _given: read.actor(value.it["user"], value.repo)),
        "commit": Field("Commit", lambda _context, value, _: Thing("Commit", value.repo, value.it["commit_id"])),
    },
    "Ref": {
        "name": Field("String", lambda _context, value, _given: value.it[0]),
        "target": Field("GitObject", lambda _context, value, _given: Thing("Commit", value.repo, value.it[1])),
    },
    "GitObject": {"oid": Field("GitObjectID", lambda _context, value, _given: value.it)},
    "Commit": {
        "oid": Field("GitObjectID", lambda _context, value, _given: value.it),
        "author": Field("GitActor", read.signed("author")),
        "committer": Field("GitActor", read.signed("committer")),
        "statusCheckRollup": read.ROLLUP,
        "associatedPullRequests": Field("Connection:PullRequest", read.introduced_by),
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
        "contexts": Field("Connection:StatusCheckRollupContext", read.contexts),
    },
    "StatusCheckRollupContext": {},
    "CheckRun": {
        "databaseId": Field("Int", read.own("id")),
        "name": Field("String", read.own("name")),
        "status": Field("Enum", read.upper("status")),
        "conclusion": Field("Enum", read.upper("conclusion")),
        "title": Field("String", lambda _context, value, _: (value.it["output"] or {}).get("title")),
        "summary": Field("String", lambda _context, value, _: (value.it["output"] or {}).get("summary")),
        "url": Field("URI", read.run_page),
        "detailsUrl": Field("URI", read.details_page),
        "isRequired": read.IS_REQUIRED,
        "checkSuite": Field("CheckSuite", lambda _context, value, _: Thing("CheckSuite", value.repo, value.it)),
    },
    "CheckSuite": {
        "databaseId": Field("Int", read.own("suite_id")),
        "status": Field("Enum", read.suite_status),
        "app": Field("App", read.app),
    },
    "GitActor": {
        "name": Field("String", lambda _context, value, _given: value.it.name),
        "user": Field("User", read.account),
    },
    "App": {
        "databaseId": Field("Int", read.own("id")),
        "slug": Field("String", read.own("slug")),
        "name": Field("String", read.own("name")),
    },
    "StatusContext": {
        "context": Field("String", read.own("context")),
        "state": Field("Enum", read.upper("state")),
        "description": Field("String", read.own("description")),
        "targetUrl": Field("URI", read.own("target_url")),
        "createdAt": Field("DateTime", read.own("created_at")),
        "creator": Field("Actor", lambda _context, value, _given: read.actor(value.it["user"], value.repo)),
        "isRequired": read.IS_REQUIRED,
    },
    "Actor": read.LOGIN,
    "User": read.LOGIN,
    "Bot": read.LOGIN,
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
