"""Queries through the unmodified PyGithub client; the types are held against GitHub's published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from github import GithubException, UnknownObjectException

from playground.github.graphql.types import SCHEMA, TYPES
from playground.github.shapes.accounts import app_id_of

from .conftest import REPO, Running
from .test_pulls import opened

DESCRIPTION = json.loads((Path(__file__).parent / "openapi" / "graphql.reduced.json").read_text())
LEAVES = {"Int", "String", "Boolean", "ID", "URI", "DateTime", "GitObjectID"}
CHECKS = """
query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      commits(last: 1) {
        nodes {
          commit {
            statusCheckRollup {
              state
              contexts(first: 100, after: $after) {
                totalCount
                pageInfo { hasNextPage endCursor }
                nodes {
                  __typename
                  ... on CheckRun {
                    name status conclusion isRequired(pullRequestNumber: $number)
                    checkSuite { app { slug databaseId } }
                  }
                  ... on StatusContext {
                    context state isRequired(pullRequestNumber: $number) creator { __typename login }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
"""


def asked(hub: Running, query: str, who: str = "bot", **variables: Any) -> Any:
    given = {"owner": "acme", "name": "shop", **variables}
    return hub.github(who).requester.graphql_query(query, given)[1]["data"]


def contexts(hub: Running, number: int, after: str | None = None) -> Any:
    found = asked(hub, CHECKS, number=number, after=after)["repository"]["pullRequest"]["commits"]["nodes"][0]
    return found["commit"]["statusCheckRollup"]["contexts"]


def test_every_type_is_one_of_githubs_schema() -> None:
    for name, fields in TYPES.items():
        described = DESCRIPTION["types"][name]
        assert set(fields) <= {*described, *({"oid"} if name == "GitObject" else ())}, name
        for field, ours in fields.items():
            real = described[field]
            assert set(ours.arguments) <= set(real["args"]), f"{name}.{field}"
            wanted = real["type"].strip("![]")
            if ours.type.startswith("Connection:"):
                assert {"first", "last", "after"} <= set(real["args"])
                assert wanted.endswith("Connection")
            elif ours.type == "Enum":
                assert wanted not in LEAVES
            else:
                assert ours.type.strip("[]") == wanted, f"{name}.{field}"
    assert {name: set(members) <= set(DESCRIPTION["members"][name]) for name, members in SCHEMA.members.items()} == {
        "Actor": True, "GitObject": True, "StatusCheckRollupContext": True,
    }  # fmt: skip


def test_checks_are_told_with_their_app_and_statuses_with_who_set_them(hub: Running) -> None:
    pull = opened(hub)
    hub.desk.protect(REPO, required_checks=["test", {"context": "scan", "app_id": app_id_of("scanner")}])
    head = pull.head.sha
    hub.desk.set_check_run(REPO, head, "test", status="completed", conclusion="success")
    hub.desk.set_check_run(REPO, head, "scan", status="in_progress", app="somebody-else")
    hub.desk.set_status(REPO, head, "ci/old", "failure", **{"as": "jenkins[bot]"})
    hub.desk.set_status(REPO, head, "by-hand", "success", **{"as": "ana"})
    test, scan, old, hand = contexts(hub, pull.number)["nodes"]
    assert test == {
        "__typename": "CheckRun", "name": "test", "status": "COMPLETED", "conclusion": "SUCCESS", "isRequired": True,
        "checkSuite": {"app": {"slug": "github-actions", "databaseId": 15368}},
    }  # fmt: skip
    assert (scan["status"], scan["conclusion"], scan["isRequired"]) == ("IN_PROGRESS", None, False)
    assert scan["checkSuite"]["app"] == {"slug": "somebody-else", "databaseId": app_id_of("somebody-else")}
    assert (old["state"], old["creator"]) == ("FAILURE", {"__typename": "Bot", "login": "jenkins"})
    assert hand["creator"] == {"__typename": "User", "login": "ana"}


def test_a_long_list_comes_in_pages_of_a_hundred(hub: Running) -> None:
    pull = opened(hub)
    for number in range(103):
        hub.desk.set_status(REPO, pull.head.sha, f"job {number}", "success")
    first = contexts(hub, pull.number)
    assert (first["totalCount"], len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (103, 100, True)
    second = contexts(hub, pull.number, first["pageInfo"]["endCursor"])
    assert [it["context"] for it in second["nodes"]] == ["job 100", "job 101", "job 102"]
    assert second["pageInfo"]["hasNextPage"] is False


def test_a_commit_of_which_nothing_is_said_has_no_rollup(hub: Running) -> None:
    pull = opened(hub)
    found = asked(hub, CHECKS, number=pull.number)["repository"]["pullRequest"]["commits"]["nodes"]
    assert found == [{"commit": {"statusCheckRollup": None}}]


REVIEWS = """
query ($owner: String!, $name: String!, $writers: Boolean) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: 1) {
      latestOpinionatedReviews(first: 100, writersOnly: $writers) { nodes { state author { login } } }
    }
  }
}
"""


def test_the_newest_opinion_of_each_author_stands(hub: Running) -> None:
    opened(hub)

    def standing(*, writers: bool = True) -> list[tuple[str, str]]:
        pull = asked(hub, REVIEWS, writers=writers)["repository"]["pullRequest"]
        return [(it["author"]["login"], it["state"]) for it in pull["latestOpinionatedReviews"]["nodes"]]

    hub.desk.review(REPO, 1, "CHANGES_REQUESTED", person="cleo")
    hub.desk.review(REPO, 1, "COMMENTED", person="cleo")
    hub.desk.review(REPO, 1, "CHANGES_REQUESTED", person="mallory")
    assert standing() == [("cleo", "CHANGES_REQUESTED")]
    assert standing(writers=False) == [("cleo", "CHANGES_REQUESTED"), ("mallory", "CHANGES_REQUESTED")]
    hub.desk.review(REPO, 1, "DISMISSED", person="cleo")
    assert standing() == [("cleo", "DISMISSED")]


def test_the_base_commit_knows_the_pull_request_that_made_it_and_a_folder_its_files(hub: Running) -> None:
    opened(hub)
    merged = hub.desk.merge(REPO, 1)
    query = """
    query ($owner: String!, $name: String!, $oid: GitObjectID!) {
      repository(owner: $owner, name: $name) {
        object(oid: $oid) { ... on Commit { associatedPullRequests(first: 1) { nodes { number state merged } } } }
        folder: object(expression: "main:src") { ... on Tree { entries { name } } }
        missing: object(expression: "main:.github/workflows") { ... on Tree { entries { name } } }
      }
    }
    """
    found = asked(hub, query, oid=merged)["repository"]
    assert found["object"]["associatedPullRequests"]["nodes"] == [{"number": 1, "state": "MERGED", "merged": True}]
    assert found["folder"] == {"entries": [{"name": "total.py"}]}
    assert found["missing"] is None


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("pullRequest(number: 1) { colour }", "Field 'colour' doesn't exist on type 'PullRequest'"),
        ("pullRequest { number }", "missing required arguments: number"),
        ("pullRequest(number: 1)", "Field must have selections"),
        ("nameWithOwner { letters }", "Selections can't be made on scalars"),
        ("pullRequest(number: 1) { commits { totalCount } }", "You must provide a `first` or `last` value"),
        ("pullRequest(number: 1) { commits(first: 101) { totalCount } }", "exceeds the `first` limit of 100"),
        ("pullRequest(number: 9) { number }", "Could not resolve to a PullRequest with the number of 9."),
        ("pullRequest(number: $n) { number }", "Variable $n is used but not declared"),
    ],
)
def test_a_wrong_query_is_refused_in_githubs_words(hub: Running, inner: str, words: str) -> None:
    opened(hub)
    query = f"query ($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {inner} }} }}"
    with pytest.raises(GithubException) as refused:
        asked(hub, query)
    assert words in str(refused.value.data)


def test_who_may_not_see_the_repository_finds_none(hub: Running) -> None:
    opened(hub)
    with pytest.raises(UnknownObjectException):
        asked(hub, CHECKS, "mallory", number=1)


def test_an_app_without_the_right_to_checks_gets_an_error_beside_the_data(hub: Running) -> None:
    pull = opened(hub)
    hub.desk.set_status(REPO, pull.head.sha, "lint", "success")
    token = hub.installation_token(checks="none")
    answer = hub.posted("/graphql", token, query=CHECKS, variables={"owner": "acme", "name": "shop", "number": 1})
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert answer["errors"][0]["path"][-1] == "statusCheckRollup"
    assert answer["data"]["repository"]["pullRequest"]["headRefOid"] == pull.head.sha
