"""Answers checked against GitHub's own description, as they pass by.

Law: a status or a field that the description does not know of is a violation only where GitHub always documents it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.github.api import template
from playground.github.app import API_ROUTES

DESCRIPTION = json.loads((Path(__file__).parent / "ghes-3.19.reduced.json").read_text())
_COMPILED = [(it, compile_path(f"/api/v3{it.path}")[0]) for it in API_ROUTES]
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip


# The description itself is wrong here: it wants the account to be a user and an enterprise at once.
_DESCRIBED_WRONGLY = {"GET /app/installations": ".account."}


def operation(method: str, path: str) -> str:
    """`METHOD /template` of a request, empty for a path that is not of the API."""
    for declared, pattern in _COMPILED:
        if declared.method == method and pattern.match(path):
            return f"{method} {template(declared.path)}"
    return ""


def violations(name: str, status: int, body: Any) -> list[str]:
    """What an answer of that operation lacks or has wrong."""
    described = DESCRIPTION["operations"].get(name)
    if described is None or status >= 400:
        return (
            []
            if status < 400 or (isinstance(body, dict) and "message" in body)
            else [f"{name}: no message at {status}"]
        )
    if str(status) not in described["statuses"]:
        return [f"{name}: status {status} is not documented ({', '.join(described['statuses'])})"]
    schema = described["statuses"][str(status)]
    problems = _check(schema, body, "$") if schema else []
    wrong = _DESCRIBED_WRONGLY.get(name)
    return [f"{name} {status}: {problem}" for problem in problems if wrong is None or wrong not in problem]


def payload_violations(event: str, payload: Any) -> list[str]:
    """What a webhook payload lacks or has wrong."""
    name = f"{event}.{payload['action']}" if "action" in payload else event
    schema = DESCRIPTION["webhooks"].get(name)
    return [f"{name}: {it}" for it in _check(schema, payload, "$")] if schema else [f"{name} is not described"]


def _check(schema: Any, value: Any, at: str) -> list[str]:
    if "ref" in schema:
        return _check(DESCRIPTION["schemas"][schema["ref"]], value, at)
    if value is None:
        loose = schema.get("null") or (
            not schema.get("type") and not any(k in schema for k in ("oneOf", "anyOf", "allOf"))
        )
        nullable = any(not _check(inner, None, at) for key in ("oneOf", "anyOf") for inner in schema.get(key, []))
        return [] if loose or nullable else [f"{at} is null"]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            tried = [_check(inner, value, at) for inner in schema[key]]
            return [] if any(not problems for problems in tried) else min(tried, key=len)
    problems = [problem for inner in schema.get("allOf", []) for problem in _check(inner, value, at)]
    wanted = schema.get("type")
    if wanted and (not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean")):
        return [*problems, f"{at} is {type(value).__name__}, not {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        problems.append(f"{at} is {value!r}, not one of {schema['enum']}")
    if isinstance(value, dict):
        problems += [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            if name in value and (value[name] is not None or name in schema.get("required", [])):
                problems += _check(inner, value[name], f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value[:5]):
            problems += _check(schema["items"], item, f"{at}[{number}]")
    return problems


class Recorder:
    """Stands around the application and keeps what it answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.problems: list[str] = []
        self.seen: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = operation(scope["method"], scope["path"]) if scope["type"] == "http" else ""
        if not name:
            await self.app(scope, receive, send)
            return
        status, parts = 0, []

        async def keep(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._record(name, status, b"".join(parts))  # before the client can go on
            await send(message)

        await self.app(scope, receive, keep)

    def _record(self, name: str, status: int, raw: bytes) -> None:
        self.seen.add(f"{name} {status}")
        if raw[:1] in {b"{", b"["} or not raw:
            self.problems += violations(name, status, json.loads(raw) if raw else None)
        elif status < 400:
            self.problems.append(f"{name}: an answer that is not JSON")
