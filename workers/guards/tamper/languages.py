"""Tests in other languages than Python, read line by line: where each begins, what it asserts, what skips it.

Law: a commented line is no line. What cannot be told apart by one line is left to the judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from workers.guards.edits import split
from workers.guards.tamper.asserting import assertion, condition
from workers.guards.tamper.forms import BUILT_UNDER, CALLED, Language, language
from workers.guards.tamper.suite import Assertion, Test

_COMMENT = re.compile(
    r"^\s*(//(?!go:build|\s*\+build)|\*(?!\w)|#(?![\[!]|if|el|end|include|define|pragma|expect|require)|--(?!\w))"
)
_OPENING = re.compile(r"^\s*(/\*|#if (?:0|false)\b|=begin)")
_CLOSING = re.compile(r"\*/|^\s*#(endif|else)|^=end")
_DOCUMENTED = re.compile(r"@(?:test|requires|group)\b[^*\n]{0,80}")
_LONGEST = 500
_LONGEST_STATEMENT = 8
_LARGEST_TEST = 20_000
_LEAVES = re.compile(
    r"^\s*(?:(?:if|unless)\b[^{]*\{?\s*)?(?:(?:t\.(?:end|pass)|done)\(\)\s*;?\s*)?(?:return|next)\s*(?:;|\}|$|if\b|unless\b)"
)
_OPENS = re.compile(r"^\s*(?:\}\s*)?(?:if|unless|when)\b|(?:\{|\bdo|=>|\bthen)\s*$")
_FAILS_IN_GO = re.compile(r"^\s*\w+\.(?:Error|Fatal|Fail)\w*\(")
_BRANCH = re.compile(r"^\s*(?:\}\s*else\s+)?if\b.*\{\s*$")
_TRIED = re.compile(
    r"\b(?:try|do)\s*\{([^{}]{0,3000})\}\s*catch\b\s*(?:\([^)]{0,200}\)|[\w.: ]{0,80})?\s*\{([^{}]{0,2000})\}"
)
_SPEAKS = re.compile(
    r"\b(?:throw|fail|raise|assert|expect|done|reject|panic|XCTFail|flunk|rethrow|verify|should)\w*", re.I
)
_RESCUED = re.compile(r"^\s*rescue\b(?!.*\bnil\s*#)")
_EACH = re.compile(r"\.each\(\s*\[(.{1,400})\]\s*\)\s*\(")
_PREPROCESSOR = re.compile(r"^\s*#\s*(if|ifdef|ifndef|endif)\b(.*)")


def tests(path: str, text: str) -> list[Test]:
    """Every test that begins on a line of its own; empty for languages we do not read."""
    how = language(path, text)
    return _read(path, how, _uncommented(split(text), path)) if how else []


def asserts(path: str, text: str) -> bool:
    """Whether any line asserts something; True for languages we do not read."""
    if path.endswith(".py"):
        return "assert" in text
    how = language(path, text)
    return how is None or any(how.asserts.search(line) for line in _uncommented(split(text), path))


def _uncommented(lines: list[str], path: str) -> list[str]:
    kept, inside, documented = [], False, path.endswith(".php")
    for line in lines:
        cut = line[:_LONGEST]
        if not inside and _OPENING.search(cut):
            inside = True
        if inside:
            inside = _CLOSING.search(cut) is None
            if documented and (said := _DOCUMENTED.search(cut)):
                kept.append(said.group())
        elif not _COMMENT.search(cut):
            kept.append(cut)
    return kept


def _read(path: str, how: Language, lines: list[str]) -> list[Test]:
    starts = [(at, found) for at, line in enumerate(lines) if (found := how.start.search(_whole(lines, at)))]
    heads = [_head(lines, at) for at, _ in starts]
    above = sum(how.above.search(line) is not None for line in _outside(lines, heads)) if how.above else 0
    built = _built_under(lines) if BUILT_UNDER.search(path) else []
    every = []
    for index, (at, start) in enumerate(starts):
        marked = not _needs_mark(how, start) or (
            how.mark is not None and any(how.mark.search(line) for line in lines[heads[index] : at + 1])
        )
        if not marked:
            continue
        end = _end(lines, at, heads[index + 1] if index + 1 < len(starts) else len(lines))
        fences = above + (built[at] if built else 0)
        every.append(_test(path, how, start, lines[heads[index] : end], fences))
    if CALLED.search(path):
        words = Counter(re.findall(r"\w+", "\n".join(lines)[: 1 << 20]))
        every = [replace(test, fences=test.fences + 1) if words[test.name] == 1 else test for test in every]
    return every


def _needs_mark(how: Language, start: re.Match[str]) -> bool:
    if how.mark is None or how.marked is None:
        return how.mark is not None
    name = start.groupdict().get("name2")
    return name is not None and how.marked.match(name) is not None


def _outside(lines: list[str], heads: list[int]) -> Iterator[str]:
    """The lines above the first test, and those that stand with the line below them: `#[cfg(...)] mod tests`."""
    first = heads[0] if heads else len(lines)
    for at, line in enumerate(lines[: first + 1]):
        yield (
            line.rstrip() + " " + lines[at + 1].strip()
            if line.lstrip().startswith("#") and at + 1 < len(lines)
            else line
        )


def _built_under(lines: list[str]) -> list[int]:
    """For each line, how many conditions of the preprocessor it stands under; guards of headers are none."""
    depths, depth, counted = [], 0, list[bool]()
    for line in lines:
        found = _PREPROCESSOR.match(line)
        if found and found[1] == "endif":
            depth -= counted.pop() if counted else 0
        elif found:
            counted.append(found[1] != "ifndef" or "_H" not in found[2].upper())
            depth += counted[-1]
        depths.append(depth)
    return depths


def _whole(lines: list[str], at: int) -> str:
    """A line, with the next where it ends by opening a bracket: titles are often written below."""
    opened = lines[at].rstrip().endswith("(") and at + 1 < len(lines)
    return lines[at].rstrip() + lines[at + 1].strip() if opened else lines[at]


def _head(lines: list[str], at: int) -> int:
    """Where the attributes and annotations right before a start begin."""
    head = at
    while head and at - head < 12 and re.match(r"\s*(@\w|#\[|\[\w)", lines[head - 1]):
        head -= 1
    return head


def _end(lines: list[str], at: int, last: int) -> int:
    """Where a test ends: behind the first line that closes something as far to the left as the test began."""
    margin = len(lines[at]) - len(lines[at].lstrip())
    for below in range(at + 1, last):
        line = lines[below].lstrip()
        if len(lines[below]) - len(line) <= margin and line.startswith(("}", "end", ")")):
            return below + 1
    return last


def _test(path: str, how: Language, start: re.Match[str], lines: list[str], fences: int) -> Test:
    groups = start.groupdict()
    name = groups.get("name") or groups.get("name2") or ""
    group = bool(groups.get("group"))
    own = [start.string] if group else lines
    skips = sum(how.skips.search(line) is not None for line in own)
    skips += re.match(r"\s*private\s", start.string) is not None
    focused = how.focus is not None and any(how.focus.search(line) for line in own)
    asserting = [] if group else [at for at, line in enumerate(lines) if _asserts(how, line)]
    bare = tuple(line.strip() for line in lines[1:] if len(line.strip()) > 2)
    return Test(
        path,
        name.replace("DISABLED_", "").strip("`").removeprefix("!"),
        bare,
        tuple(_asserted(path, lines, at) for at in asserting),
        skips,
        focused,
        rows=tuple(_rows(how, lines)) if not group else (),
        blunted=_blunted(how, lines, asserting),
        group=group,
        fences=fences,
    )


def _asserted(path: str, lines: list[str], at: int) -> Assertion:
    """In Go, what counts of `if got != want { t.Fatal(...) }` is the condition."""
    if path.endswith(".go") and at and _FAILS_IN_GO.search(lines[at]) and _BRANCH.search(lines[at - 1]):
        return condition(lines[at - 1])
    return assertion(_statement(lines, at))


def _rows(how: Language, lines: list[str]) -> Iterator[str]:
    if how.rows is None:
        return
    for line in lines:
        if found := _EACH.search(line):
            yield from re.findall(r"\[[^\[\]]{1,200}\]", found[1])
        elif how.rows.search(line):
            yield line.strip()


def _blunted(how: Language, lines: list[str], asserting: list[int]) -> str:
    """Why the assertions cannot fail: left before, or swallowed; "" where neither is seen."""
    if not asserting:
        return ""
    for at, line in enumerate(lines[1 : asserting[-1]], 1):
        if _LEAVES.search(line) and _alone(lines, at):
            return "may return before its assertions"
        if _RESCUED.search(line) and asserting[0] < at and not any(map(_SPEAKS.search, lines[at : at + 3])):
            return "swallows its own failures"
    whole = "\n".join(lines)[:_LARGEST_TEST]
    for found in _TRIED.finditer(whole) if "catch" in whole else ():
        if any(map(how.asserts.search, found[1].split("\n"))) and not _SPEAKS.search(found[2]):
            return "swallows its own failures"
    return ""


def _alone(lines: list[str], at: int) -> bool:
    """Whether a return stands first in the test, or alone in a branch of it; not in a function given to something."""
    if re.match(r"^\s*(?:if|unless)\b|.*\b(?:if|unless)\b", lines[at]):
        return True
    above = lines[at - 1]
    return at == 1 or (
        _OPENS.search(above) is not None and re.match(r"^\s*(?:\}\s*)?(?:if|unless)\b", above) is not None
    )


def _asserts(how: Language, line: str) -> bool:
    return how.asserts.search(line) is not None and how.start.search(line) is None


def _statement(lines: list[str], at: int) -> str:
    """A line with those below it until its brackets are closed; brackets in strings may cut it short."""
    whole, depth = "", 0
    for line in lines[at : at + _LONGEST_STATEMENT]:
        whole += f" {line.strip()}"
        depth += sum(line.count(one) for one in "([{") - sum(line.count(one) for one in ")]}")
        if depth <= 0:
            break
    return whole.strip()
