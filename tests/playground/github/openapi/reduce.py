"""Reduce GitHub's published OpenAPI description to what the stand-in's answers are checked against.

Source: the npm package `@octokit/openapi` (MIT, 29 MB packed), file `generated/ghes-3.19.json`. To regenerate:

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz package/generated/ghes-3.19.json
    PYTHONPATH=. python tests/playground/github/openapi/reduce.py package/generated/ghes-3.19.json

Law: nothing is edited by hand in the result. Kept per schema: type, required fields, properties, items, enum, null.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playground.github.api import template
from playground.github.app import API_ROUTES

HERE = Path(__file__).parent
EVENTS = {
    "check_run": ("completed", "created", "rerequested"), "check_suite": ("completed", "rerequested"),
    "deployment": ("created",), "deployment_status": ("created",),
    "issue_comment": ("created", "deleted", "edited"),
    "pull_request": ("closed", "edited", "opened", "reopened", "synchronize"),
    "pull_request_review": ("dismissed", "submitted"), "push": ("",), "status": ("",),
    "workflow_run": ("completed", "requested", "in_progress"), "ping": ("",), "installation": ("created", "deleted"),
}  # fmt: skip
RESULT = HERE / "ghes-3.19.reduced.json"


def main(source: Path) -> None:
    whole = json.loads(source.read_text())
    found = {shape(path): path for path in whole["paths"]}
    operations: dict[str, Any] = {}
    wanted: set[str] = set()
    unknown = []
    for route in API_ROUTES:
        name = f"{route.method} {template(route.path)}"
        path = found.get(shape(template(route.path)))
        operation = whole["paths"].get(path, {}).get(route.method.lower()) if path else None
        if operation is None:
            unknown.append(name)
            continue
        operations[name] = {"statuses": answers(operation, wanted), "body": body(whole, operation)}
    webhooks: dict[str, Any] = {}
    for event, actions in EVENTS.items():
        for action in actions:
            name = "-".join(["webhook", *f"{event}_{action}".strip("_").split("_")])
            webhooks[f"{event}.{action}".rstrip(".")] = slim(reduced(whole["components"]["schemas"][name], wanted))
    schemas: dict[str, Any] = {}
    while missing := wanted - schemas.keys():
        for name in sorted(missing):
            schemas[name] = reduced(whole["components"]["schemas"][name], wanted)
    made = {
        "source": "@octokit/openapi 23.0.2, generated/ghes-3.19.json (MIT)",
        "not_described": sorted(unknown),
        "operations": dict(sorted(operations.items())),
        "webhooks": webhooks,
        "schemas": dict(sorted(schemas.items())),
    }
    RESULT.write_text(json.dumps(made, separators=(",", ":"), sort_keys=False) + "\n")


def shape(path: str) -> str:
    """A path with every parameter alike, since names differ."""
    return "/".join("{}" if "{" in part else part for part in path.split("/"))


def answers(operation: Any, wanted: set[str]) -> Any:
    made = {}
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        made[status] = reduced(content["schema"], wanted) if "schema" in content else None
    return made


def body(whole: Any, operation: Any) -> list[str] | None:
    """Names of the fields of the request body, where it is a plain object."""
    given = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in given:
        given = whole["components"]["schemas"][given["$ref"].split("/")[-1]]
    names = set(given.get("properties", {}))
    for variant in given.get("oneOf", []) + given.get("anyOf", []):
        names |= set(variant.get("properties", {}))
    return sorted(names) or None


def slim(schema: Any) -> Any:
    """Without the properties that need not be there: event payloads are described inline and at great length."""
    if isinstance(schema, list):
        return [slim(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: slim(inner) for key, inner in schema.items() if key != "properties"}
    if "properties" in schema:
        kept = schema.get("required", [])
        made["properties"] = {name: slim(inner) for name, inner in schema["properties"].items() if name in kept}
    return made


def reduced(schema: Any, wanted: set[str]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        wanted.add(name)
        return {"ref": name}
    made: dict[str, Any] = {}
    for key in ("type", "enum"):
        if key in schema:
            made[key] = schema[key]
    if schema.get("nullable"):
        made["null"] = True
    if schema.get("required"):
        made["required"] = schema["required"]
    if "properties" in schema:
        made["properties"] = {name: reduced(inner, wanted) for name, inner in schema["properties"].items()}
    if "items" in schema:
        made["items"] = reduced(schema["items"], wanted)
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            made[key] = [reduced(inner, wanted) for inner in schema[key]]
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
