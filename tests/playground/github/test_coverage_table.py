"""The coverage table in the documentation is the routes."""

from __future__ import annotations

import json
from pathlib import Path

from playground.github.api import template
from playground.github.app import API_ROUTES
from playground.github.coverage import written

DOCUMENT = Path(__file__).parents[3] / "docs" / "playground-github.md"
DESCRIPTION = json.loads((Path(__file__).parent / "openapi" / "ghes-3.19.reduced.json").read_text())

# Beyond GitHub's description: a parameter written out, two aliases that GitHub answers, and an address by number.
UNDESCRIBED = {
    "GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/zip",
    "GET /repos/{owner}/{repo}/git/refs/{ref}",
    "GET /repos/{owner}/{repo}/statuses/{sha}",
    "GET /repositories/{repository_id}",
}


def test_the_documented_table_is_the_one_made_from_the_routes() -> None:
    text = DOCUMENT.read_text()
    assert written(text) == text


def test_every_route_but_four_is_one_that_github_describes() -> None:
    routes = {f"{it.method} {template(it.path)}" for it in API_ROUTES}
    assert routes - set(DESCRIPTION["operations"]) == UNDESCRIBED


def test_no_route_takes_a_body_field_that_github_does_not_know() -> None:
    strange = {}
    for it in API_ROUTES:
        described = DESCRIPTION["operations"].get(f"{it.method} {template(it.path)}")
        if it.body and described and described["body"]:
            extra = {name.rstrip("!") for name in it.body} - set(described["body"])
            if extra:
                strange[f"{it.method} {template(it.path)}"] = extra
    # PyGithub's `CheckRun.edit` may still send it; GitHub passes over it.
    assert strange == {"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": {"head_sha"}}
