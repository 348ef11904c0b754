"""A small vocabulary for describing JSON: records, lists, strings, choices by `type`.

Law: a rule adds sentences with JSON pointers to a list and never raises, whatever it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

Problems = list[str]
Rule = Callable[[Any, str, Problems], None]


def problem(problems: Problems, sentence: str, path: str) -> None:
    problems.append(f"[ERROR] {sentence} [json-pointer:{path}]")


def string(most: int, least: int = 1) -> Rule:
    def rule(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problem(problems, "must be a string", path)
        elif len(value) > most:
            problem(problems, f"must be less than {most + 1} characters", path)
        elif len(value) < least:
            problem(problems, f"must be more than {least - 1} characters", path)

    return rule


def url(most: int = 3000) -> Rule:
    length = string(most)

    def rule(value: Any, path: str, problems: Problems) -> None:
        length(value, path, problems)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "slack://", "mailto:")):
            problem(problems, "must be a valid URL", path)

    return rule


def boolean(value: Any, path: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problem(problems, "must be a boolean", path)


def anything(value: Any, path: str, problems: Problems) -> None:
    """Accept it unseen."""


def integer(low: int, high: int) -> Rule:
    def rule(value: Any, path: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            problem(problems, f"must be an integer from {low} to {high}", path)

    return rule


def choice(*allowed: str) -> Rule:
    def rule(value: Any, path: str, problems: Problems) -> None:
        if value not in allowed:
            problem(problems, f"must be one of {', '.join(allowed)}", path)

    return rule


def many(each: Rule, most: int, least: int = 1) -> Rule:
    def rule(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problem(problems, "must be an array", path)
            return
        if len(value) > most:
            problem(problems, f"no more than {most} items allowed", path)
        if len(value) < least:
            problem(problems, f"no less than {least} items allowed", path)
        for index, item in enumerate(value[: most + 1]):
            each(item, f"{path}/{index}", problems)

    return rule


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, also: Rule = anything) -> Rule:
    """Return an object with exactly these keys; `also` sees the whole of it. A `type` key is allowed everywhere."""
    known: dict[str, Rule] = {"type": anything, **required, **(optional or {})}

    def rule(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problem(problems, "must be an object", path)
            return
        for key in required:
            if key not in value:
                problem(problems, f"missing required field: {key}", path)
        for key, item in value.items():
            if key not in known:
                problem(problems, f"no such field: {key}", path)
            else:
                known[key](item, f"{path}/{key}", problems)
        also(value, path, problems)

    return rule


def by_type(kinds: Mapping[str, Rule], only: Collection[str] | None = None) -> Rule:
    """Return an object whose `type` says which rule it follows."""

    def rule(value: Any, path: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds or (only is not None and kind not in only):
            problem(problems, f"unsupported type: {str(kind)[:50]}", f"{path}/type")
        else:
            kinds[kind](value, path, problems)

    return rule


def plain_text(most: int) -> Rule:
    return by_type({"plain_text": record({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Rule:
    """Either text object."""
    mrkdwn = record({"text": string(most)}, {"verbatim": boolean})
    return by_type({"plain_text": record({"text": string(most)}, {"emoji": boolean}), "mrkdwn": mrkdwn})
