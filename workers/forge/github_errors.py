"""Translate GitHub's error answers into `TryAgain` and `GiveUp`, with a sentence for people.

Law: a rate limit becomes `TryAgain`, and the wait happens in the database. A worker never sleeps for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import github
import requests

from workers import GiveUp, TryAgain

T = TypeVar("T")
OPERATOR = "Shipmate's operator has to look at this; `shipmate doctor` says what is missing."
LONGEST_WAIT = 3700.0
SECONDARY_WAIT = 60.0


@contextmanager
def in_words(doing: str) -> Iterator[None]:
    """Translate errors inside the block to `TryAgain` or `GiveUp`; `doing` reads like "merge the pull request"."""
    try:
        yield
    except github.GithubException as error:
        raise fault(error, doing) from error
    except requests.RequestException as error:
        raise TryAgain(10.0, f"GitHub could not be reached ({type(error).__name__}).") from error
    except RuntimeError as error:
        # PyGithub raises this when the server redirects to a place that it will not follow.
        raise GiveUp(f"GitHub has moved the repository, so I cannot {doing}.", OPERATOR) from error


def permitted(read: Callable[[], list[T]]) -> list[T]:
    """Return the list; an empty one if the token may not see it (403) or the server does not have it (404)."""
    try:
        return read()
    except github.RateLimitExceededException:
        raise
    except github.GithubException as error:
        if error.status in {403, 404} and "retry-after" not in {name.lower() for name in error.headers or {}}:
            return []
        raise


def fault(error: github.GithubException, doing: str) -> TryAgain | GiveUp:
    """Return the failure behind an error answer."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    said = message(error)
    kinds = _kinds(error)
    limited = isinstance(error, github.RateLimitExceededException) or error.status == 429 or "RATE_LIMITED" in kinds
    if limited or (error.status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")):
        return TryAgain(_wait(headers), "GitHub asked us to slow down.")
    if "" in kinds:  # a query that was fine and failed on GitHub's side is answered 200, with an error of no kind
        return TryAgain(10.0, f"GitHub had an internal error ({said}).", counts=True)
    if "UNPROCESSABLE" in kinds:  # a push came in the middle of the query: its parts speak of different heads
        return TryAgain(3.0, f"The pull request changed while it was read ({said}).", counts=True)
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return GiveUp(f"GitHub does not let Shipmate {doing} ({said}).", OPERATOR)
    if error.status >= 500:
        return TryAgain(10.0, f"GitHub had an internal error ({error.status}).", counts=True)
    if error.status == 401:
        return GiveUp("GitHub rejects Shipmate's credentials.", OPERATOR)
    if error.status == 403:
        return GiveUp(f"GitHub does not let Shipmate {doing} ({said}).", _needed(headers))
    if error.status in {404, 410, 451}:
        return GiveUp(f"I cannot {doing}: it does not exist on GitHub, or Shipmate may not see it.", OPERATOR)
    return GiveUp(f"GitHub refused to {doing}: {said}.")


def _kinds(error: github.GithubException) -> set[str]:
    """Return the kinds of the errors of a GraphQL answer, which PyGithub raises with status 400; else nothing."""
    errors = error.data.get("errors") if error.status == 400 and isinstance(error.data, dict) else None
    found = [one for one in errors or [] if isinstance(one, dict)] if isinstance(errors, list) else []
    return {str(one.get("type") or (one.get("extensions") or {}).get("code") or "") for one in found}


def message(error: github.GithubException) -> str:
    """Return GitHub's error message and those of its error list, on one line."""
    data = error.data if isinstance(error.data, dict) else {}
    errors = data.get("errors")
    parts = [data.get("message")]
    for one in errors if isinstance(errors, list) else []:
        parts.append(one.get("message") or one.get("code") if isinstance(one, dict) else one)
    words = " ".join("; ".join(str(part) for part in parts if part).split()).rstrip(".")
    return (words if len(words) <= 300 else words[:299] + "…") or f"status {error.status}"


def _wait(headers: Mapping[str, str]) -> float:
    try:
        if "retry-after" in headers:
            seconds = float(headers["retry-after"])
        elif headers.get("x-ratelimit-remaining") == "0" and "x-ratelimit-reset" in headers:
            seconds = float(headers["x-ratelimit-reset"]) - time.time() + 1
        else:
            seconds = SECONDARY_WAIT
    except ValueError:
        seconds = SECONDARY_WAIT
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _needed(headers: Mapping[str, str]) -> str:
    permissions = headers.get("x-accepted-github-permissions") or headers.get("x-accepted-oauth-scopes")
    return f"It needs one of these permissions: {permissions}. {OPERATOR}" if permissions else OPERATOR
