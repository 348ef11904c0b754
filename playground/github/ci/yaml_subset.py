"""The part of YAML that workflow files are written in: block maps and lists, scalars, one-line flow, `|` and `>`.

Law: what is not understood is refused with its line, never guessed: a workflow misread is a check that lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union

_KEY = re.compile(
    r"""^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#:&*!|>%@`{}\[\],?-][^:#]*?|-[^\s:#][^:#]*?)\s*:(?:\s+(.*))?$"""
)
_BLOCK = re.compile(r"^([|>])([+-]?)\s*(?:#.*)?$")
_UNSUPPORTED = re.compile(r"^[&*!@`%]|^<<")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "0": "\0", "r": "\r"}


class YamlError(Exception):
    """`line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Node:
    """A value and where it stands. Scalars are text; an empty value is None."""

    value: Value
    line: int


Value = Union[str, None, "dict[str, Node]", "list[Node]"]


def parse(text: str) -> Node:
    """Return the document. Raises YamlError for everything outside the subset."""
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.at = 0

    def document(self) -> Node:
        if self._peek() is not None and self.lines[self.at].strip() == "---":
            self.at += 1
        if self._peek() is None:
            return Node(None, 1)
        node = self._block(self._indent())
        if self._peek() is not None:
            raise YamlError(self.at + 1, "this line does not belong to what stands above it (indentation?)")
        return node

    def _peek(self) -> str | None:
        """Return the next line that says something."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and not line.lstrip().startswith("#"):
                if "\t" in line[: len(line) - len(line.lstrip())]:
                    raise YamlError(self.at + 1, "a tab may not indent")
                return line
            self.at += 1
        return None

    def _indent(self) -> int:
        line = self.lines[self.at]
        return len(line) - len(line.lstrip(" "))

    def _block(self, indent: int) -> Node:
        text = self.lines[self.at].strip()
        if text == "-" or text.startswith("- "):
            return self._sequence(indent)
        return self._mapping(indent)

    def _sequence(self, indent: int) -> Node:
        items: list[Node] = []
        start = self.at + 1
        while self._peek() is not None and self._indent() == indent:
            text = self.lines[self.at].strip()
            if not (text == "-" or text.startswith("- ")):
                break
            rest = text[1:].strip()
            if not rest or rest.startswith("#"):
                items.append(self._nested(indent, self.at + 1))
            elif rest.startswith("- ") or (_KEY.match(rest) and rest[0] not in "[{"):
                inner = self.lines[self.at].index("-") + len(text) - len(text[1:].lstrip())
                self.lines[self.at] = " " * inner + rest
                items.append(self._block(inner))
            else:
                items.append(self._scalar(rest, indent))
        return Node(items, start)

    def _mapping(self, indent: int) -> Node:
        found: dict[str, Node] = {}
        start = self.at + 1
        while self._peek() is not None and self._indent() == indent:
            line, text = self.at + 1, self.lines[self.at].strip()
            match = _KEY.match(text)
            if not match:
                if text.startswith("- ") or text == "-":
                    break
                raise YamlError(line, f"expected `key: value`, found `{text[:60]}`")
            key = _unquote(match[1], line)
            if _UNSUPPORTED.match(match[1]):
                raise YamlError(line, "anchors, aliases, tags and merge keys are not supported")
            if key in found:
                raise YamlError(line, f"`{key}` stands here twice")
            rest = (match[2] or "").strip()
            found[key] = self._nested(indent, line) if not rest or rest.startswith("#") else self._scalar(rest, indent)
        if self._peek() is not None and self._indent() > indent:
            raise YamlError(self.at + 1, "this line is indented more than its neighbours")
        return Node(found, start)

    def _nested(self, indent: int, line: int) -> Node:
        """Return what follows a bare `key:` or `-`: a deeper block, a list at the same depth, or nothing."""
        self.at += 1
        following = self._peek()
        if following is None:
            return Node(None, line)
        inner = self._indent()
        listed = following.strip().startswith("- ") and inner == indent and not self._in_sequence(line)
        return self._block(inner) if inner > indent or listed else Node(None, line)

    def _in_sequence(self, line: int) -> bool:
        return self.lines[line - 1].strip() == "-"

    def _scalar(self, text: str, indent: int) -> Node:
        line = self.at + 1
        block = _BLOCK.match(text)
        if block:
            return self._block_scalar(block[1] == ">", block[2], indent)
        if text[0] in "|>":
            raise YamlError(line, "this block scalar header is not supported")
        if _UNSUPPORTED.match(text):
            raise YamlError(line, "anchors, aliases and tags are not supported")
        self.at += 1
        value = _flow(text, line)
        if self._peek() is not None and self._indent() > indent:
            raise YamlError(self.at + 1, "a value may not go on in the next line (use `|`)")
        return Node(value, line)

    def _block_scalar(self, folded: bool, chomp: str, indent: int) -> Node:
        line = self.at + 1
        self.at += 1
        taken: list[str] = []
        depth: int | None = None
        while self.at < len(self.lines):
            raw = self.lines[self.at]
            own = len(raw) - len(raw.lstrip(" "))
            if raw.strip():
                if own <= indent:
                    break
                depth = own if depth is None else depth
                if own < depth:
                    raise YamlError(self.at + 1, "this line is indented less than the text it belongs to")
            taken.append(raw[depth or own :] if raw.strip() else "")
            self.at += 1
        while taken and not taken[-1]:
            taken.pop()
        text = _fold(taken) if folded else "\n".join(taken)
        return Node(text + ("\n" if taken and chomp != "-" else ""), line)


def _fold(lines: list[str]) -> str:
    made = ""
    for line in lines:
        made += "\n" if not line else (line if not made or made.endswith("\n") else f" {line}")
    return made


def _flow(text: str, line: int) -> Value:
    """Return a scalar, or a one-line list or map of scalars."""
    if text[0] == "[":
        return [Node(_plain(part, line), line) for part in _split(text, "]", line)]
    if text[0] == "{":
        found: dict[str, Node] = {}
        for part in _split(text, "}", line):
            key, colon, value = part.partition(":")
            if not colon:
                raise YamlError(line, f"expected `key: value` in braces, found `{part[:40]}`")
            found[_unquote(key.strip(), line)] = Node(_plain(value.strip(), line), line)
        return found
    return _plain(text, line)


def _split(text: str, close: str, line: int) -> list[str]:
    inner = _without_comment(text)
    if not inner.endswith(close) or (any(mark in inner[1:-1] for mark in "[]{}") and "${{" not in inner):
        raise YamlError(line, "only one-line lists and maps of plain values are supported")
    return [part.strip() for part in inner[1:-1].split(",") if part.strip()]


def _plain(text: str, line: int) -> str | None:
    if text[:1] in {'"', "'"}:
        return _unquote(_without_comment(text), line)
    value = _without_comment(text)
    return None if value in {"~", "null", ""} else value


def _without_comment(text: str) -> str:
    if text[:1] in {'"', "'"}:
        match = re.match(r"""^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?$""", text)
        return match[1] if match else text
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()


def _unquote(text: str, line: int) -> str:
    if text[:1] == "'":
        if len(text) < 2 or text[-1] != "'":
            raise YamlError(line, "this quotation does not end in its line")
        return text[1:-1].replace("''", "'")
    if text[:1] == '"':
        if len(text) < 2 or text[-1] != '"':
            raise YamlError(line, "this quotation does not end in its line")
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:-1])
    return text
