"""How a REST route is declared and answered: permission, body check, paging, errors, rate headers.

Law: an unknown body field is refused (422), stricter than GitHub on purpose: a misspelt field must not pass in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from .auth import Actor
from .errors import ApiError, invalid, not_found
from .git import BareRepository
from .hub import Hub
from .store import Doc

Fields = Mapping[str, type | tuple[type, ...]]


@dataclass
class Answer:
    """`body` None sends no content."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request, checked. `params` come from the path; `body` holds only declared fields."""

    hub: Hub
    actor: Actor
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Doc
    path: str
    repo_doc: Doc | None = None

    @property
    def repo(self) -> Doc:
        if self.repo_doc is None:
            raise not_found()
        return self.repo_doc

    @property
    def git(self) -> BareRepository:
        return self.hub.git(self.repo)

    def number(self, name: str) -> int:
        value = self.params[name]
        if not value.isdigit():
            raise not_found()
        return int(value)

    def document(self, kind: str, ident: int) -> Doc:
        """Return a document of this repository, or 404."""
        found = self.hub.store.get(kind, ident)
        if found is None or found["repo_id"] != self.repo["id"]:
            raise not_found()
        return found

    def commit(self, name: str) -> str:
        """Return a commit sha by any name, or GitHub's 422."""
        sha = self.git.resolve(name)
        if sha is None:
            raise ApiError(422, f"No commit found for SHA: {name}")
        return sha

    def page(self, items: list[Any], shape: Callable[[Any], Any], list_item: str | None = None) -> Answer:
        """Return one page of a list with the Link header; `list_item` wraps it with total_count."""
        per_page, page = _positive(self.query, "per_page", 30), _positive(self.query, "page", 1)
        per_page = min(per_page, 100)
        last = max(1, -(-len(items) // per_page))
        chosen = [shape(item) for item in items[(page - 1) * per_page : page * per_page]]
        links = []
        for rel, number in (("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)):
            forward = rel in {"next", "last"}
            if (forward and page < last) or (not forward and 1 < page <= last + 1):
                query = urlencode({**self.query, "per_page": per_page, "page": number})
                links.append(f'<{self.hub.config.public_url}{self.path}?{query}>; rel="{rel}"')
        body: Any = {"total_count": len(items), list_item: chosen} if list_item else chosen
        return Answer(body, headers={"Link": ", ".join(links)} if links else {})


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, "")
    return int(value) if value.isdigit() and int(value) > 0 else default


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class ApiRoute:
    """`needs` is `area:level`, `app` (a signed app), `anyone`, or `token` (any valid token)."""

    method: str
    path: str
    needs: str
    body: Fields | None
    handler: Handler


ROUTES: list[ApiRoute] = []


def route(method: str, path: str, *, needs: str, body: Fields | None = None) -> Callable[[Handler], Handler]:
    """Declare a handler. A field name ending in `!` must be present; None as `body` accepts no field at all."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(ApiRoute(method, path, needs, body, handler))
        return handler

    return register


def read_body(raw: bytes, declared: Fields | None) -> Doc:
    """Return the JSON object of a request. Raises 400 for no JSON, 422 for fields unknown, missing or of a wrong
    type.
    """
    if not raw:
        given: Any = {}
    else:
        try:
            given = json.loads(raw)
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None
    if not isinstance(given, dict):
        raise ApiError(400, "Body should be a JSON object")
    fields = {name.rstrip("!"): (kind, name.endswith("!")) for name, kind in (declared or {}).items()}
    for name, value in given.items():
        if name not in fields:
            raise ApiError(422, f"Invalid request.\n\n{name!r} is not a permitted key.", [f"unknown field {name}"])
        declared_kind = fields[name][0]
        kinds = declared_kind if isinstance(declared_kind, tuple) else (declared_kind,)
        wrong_bool = isinstance(value, bool) and bool not in kinds
        if (not isinstance(value, kinds) or wrong_bool) and value is not None:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ApiError(422, f"Invalid request.\n\nFor '{name}', {json.dumps(value)[:80]} is not a {wanted}.")
    for name, (_, needed) in fields.items():
        if needed and given.get(name) is None:
            raise ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.', [f"missing field {name}"])
    return given


def authorise(call: Call, declared: ApiRoute) -> None:
    """Raise 401, 403 or 404 exactly where GitHub would hide or refuse."""
    actor, needs = call.actor, declared.needs
    if needs == "anyone":
        return
    if actor.kind == "nobody":
        raise ApiError(401, "Requires authentication")
    if needs == "app":
        if actor.kind != "app":
            raise ApiError(401, "A JSON web token could not be decoded")
        return
    if actor.kind == "app":
        raise ApiError(403, "Resource not accessible by integration")
    if needs == "token":
        return
    repo_id = call.repo_doc["id"] if call.repo_doc else None
    if repo_id is not None and not actor.sees(call.hub.config, repo_id):
        raise not_found()
    if not actor.allows(call.hub.config, needs, repo_id):
        if actor.kind == "installation":
            raise ApiError(403, "Resource not accessible by integration")
        raise ApiError(403, "Must have push access to the repository" if needs.endswith(":write") else "Forbidden")


def find_repository(hub: Hub, params: Mapping[str, str]) -> Doc | None:
    """Return the repository a path is about; None when the path names none. Raises 404 when it is not there."""
    if "owner" in params:
        found = hub.repository(params["owner"], params["repo"])
    elif "repository_id" in params:
        number = params["repository_id"]
        found = hub.repository_by_id(int(number)) if number.isdigit() else None
    else:
        return None
    if found is None:
        raise not_found()
    return found


def template(path: str) -> str:
    """Return a route's path as the coverage table names it: without Starlette's converters."""
    return re.sub(r":\w+}", "}", path)


__all__ = ["ROUTES", "Answer", "ApiRoute", "Call", "authorise", "find_repository", "invalid", "read_body", "route"]
