"""What a script is, and how one is read from a TOML file (the format is in docs/playground-claude.md).

Scripts are data: a reply depends only on the script and on the conversation sent, never on what was played before.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

END = "end"
EDITOR = "str_replace_based_edit_tool"
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
MATCHED_CHARACTERS = 4_000
SCRIPT_KEYS = {"match", "title", "values", "turn", "json", "review"}
REVIEW_KEYS = {"when", "unasked", "missing", "sentence"}
TURN_KEYS = {"think", "text", "tools", "when", "label", "next", "set"}


class ScriptError(Exception):
    """A script file that cannot be played; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply, played when `when` (if any) is found in what was heard last; then the script goes on at `next`.

    `when` is a pattern, in which `{{name}}` stands for that value, taken literally.
    """

    think: str = ""
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    when: str = ""
    label: str = ""
    next: str = ""
    set: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """A veto, given when `when` is found in a change that is to be reviewed.

    Numbered parts of it in which `unasked` is found are said to be unasked; `missing` is said to be missing.
    """

    sentence: str
    when: str = ""
    unasked: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Turns for requests that match any of `patterns`. With `json` it answers structured-output calls instead.

    `reviews` are the vetoes for changes that were made on such a request; the first that fits is given.
    """

    name: str
    title: str
    patterns: tuple[re.Pattern[str], ...]
    turns: tuple[Turn, ...]
    values: Mapping[str, str]
    json: dict[str, Any] | None = None
    reviews: tuple[Review, ...] = ()

    def match(self, request: str) -> dict[str, str] | None:
        """Return the values captured from the request (over the script's own), or None when it is not this script's."""
        for pattern in self.patterns:
            found = pattern.search(request[:MATCHED_CHARACTERS])
            if found:
                captured = {name: part for name, part in found.groupdict().items() if part is not None}
                return {**self.values, **captured}
        return None

    def one_call_at_a_time(self) -> Script:
        """Return the same script for a request that allows one tool call per reply."""
        turns: list[Turn] = []
        for turn in self.turns:
            if len(turn.calls) < 2:
                turns.append(turn)
                continue
            first, *middle, last = turn.calls
            turns.append(replace(turn, calls=(first,), next=""))
            turns.extend(Turn(calls=(call,)) for call in middle)
            turns.append(Turn(calls=(last,), next=turn.next))
        return replace(self, turns=tuple(turns))


def substitute(value: Any, values: Mapping[str, str]) -> Any:
    """Return `{{name}}` replaced in every string of a JSON value; an unknown name stays as it is written."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: substitute(part, values) for key, part in value.items()}
    if isinstance(value, list):
        return [substitute(part, values) for part in value]
    return value


def hears(turn: Turn, heard: str, values: Mapping[str, str]) -> dict[str, str] | None:
    """Return what the turn's `when` captures from `heard` (nothing where there is no `when`); None when it is not
    found.
    """
    if not turn.when:
        return {}
    pattern = PLACEHOLDER.sub(lambda found: re.escape(values.get(found[1], found[0])), turn.when)
    found = re.search(pattern, heard)
    return None if found is None else {name: part for name, part in found.groupdict().items() if part is not None}


def load_scripts(folder: Path) -> list[Script]:
    """Return the scripts of `folder` (`*.toml`) in order of file name; raises ScriptError."""
    return [read_script(path) for path in sorted(folder.glob("*.toml"))]


def read_script(path: Path) -> Script:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _script(path.stem, data)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, re.error, TypeError, KeyError, ValueError) as error:
        raise ScriptError(f"{path.name}: {error}") from error


def _known(data: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for key in data:
        if key not in allowed:
            raise ValueError(f"{where}: unknown key '{key}' (known: {', '.join(sorted(allowed))})")


def _script(name: str, data: dict[str, Any]) -> Script:
    _known(data, SCRIPT_KEYS, "script")
    if "match" not in data:
        raise ValueError("script: 'match' is missing")
    patterns = data["match"] if isinstance(data["match"], list) else [data["match"]]
    turns = tuple(_turn(turn, number) for number, turn in enumerate(data.get("turn", []), start=1))
    if not turns and "json" not in data and "review" not in data:
        raise ValueError("script: it needs at least one [[turn]], or 'json', or [[review]]")
    labels = {turn.label for turn in turns if turn.label}
    for turn in turns:
        if turn.next not in ("", END, *labels):
            raise ValueError(f"no turn has the label '{turn.next}'")
    values = {key: str(part) for key, part in data.get("values", {}).items()}
    return Script(
        name,
        str(data.get("title", name)),
        tuple(map(re.compile, patterns)),
        turns,
        values,
        data.get("json"),
        tuple(_review(review, number) for number, review in enumerate(data.get("review", []), start=1)),
    )


def _review(data: dict[str, Any], number: int) -> Review:
    where = f"review {number}"
    _known(data, REVIEW_KEYS, where)
    if not data.get("unasked") and not data.get("missing"):
        raise ValueError(f"{where}: it needs 'unasked' or 'missing'")
    return Review(
        sentence=str(data["sentence"]).strip(),
        when=_pattern(data.get("when", "")),
        unasked=_pattern(data.get("unasked", "")),
        missing=tuple(map(str, data.get("missing", []))),
    )


def _turn(data: dict[str, Any], number: int) -> Turn:
    where = f"turn {number}"
    _known(data, TURN_KEYS, where)
    calls = tuple(_call(call, where) for call in data.get("tools", []))
    if not calls and not data.get("text"):
        raise ValueError(f"{where}: it needs 'text' or 'tools'")
    return Turn(
        think=data.get("think", "").strip(),
        text=data.get("text", "").strip(),
        calls=calls,
        when=_pattern(data.get("when", "")),
        label=data.get("label", ""),
        next=data.get("next", ""),
        set={key: str(part) for key, part in data.get("set", {}).items()},
    )


def _pattern(text: str) -> str:
    re.compile(PLACEHOLDER.sub("x", text))
    return text


def _call(data: dict[str, Any], where: str) -> ToolCall:
    """Return a tool call, written out (`name`, `input`) or short: `bash`, `view`, `create`, `replace`, `ask`,
    `finish`.
    """
    if "name" in data:
        _known(data, {"name", "input"}, where)
        return ToolCall(data["name"], dict(data.get("input", {})))
    if len(data) != 1:
        raise ValueError(f"{where}: a tool is one short form, or 'name' and 'input'")
    ((short, value),) = data.items()
    if short == "bash":
        return ToolCall("bash", {"command": value.strip()})
    if short == "view":
        return ToolCall(EDITOR, {"command": "view", "path": value})
    if short == "create":
        return ToolCall(EDITOR, {"command": "create", "path": value["path"], "file_text": value["text"]})
    if short == "replace":
        edit = {"path": value["path"], "old_str": value["old"], "new_str": value["new"]}
        return ToolCall(EDITOR, {"command": "str_replace", **edit})
    if short in ("ask", "finish"):
        return ToolCall(short, dict(value))
    raise ValueError(f"{where}: unknown tool form '{short}'")
