"""How the code speaks: docstrings begin with a verb, and words that read as translated are not used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.test_walls import ROOMS, ROOT, sources

NO_VERB = re.compile(
    r"(a|all|an|and|another|as|both|each|every|everything|how|if|in|it|its|likewise|many|more|no|nothing|one|only|our|"
    r"same|several|some|something|such|that|the|these|this|those|until|what|when|where|whether|which|who|whose|why|with)\b",
    re.I,
)
BANNED = re.compile(
    r"\b(anew|came of it|comes? to nothing|for ever|belongs? into|is known no more|likewise|mends?|mended|"
    r"whoever|somebody|be had\b(?! to)|as if all were well|on the card above|see (below|above)|press retry)\b",
    re.I,
)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")])


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (said := ast.get_docstring(node)):
            yield node.lineno, said


def test_the_docstring_of_a_function_begins_with_a_verb() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {said[:60]}"
        for path in sources(*ROOMS, "benchmarks")
        for line, said in docstrings(path)
        if NO_VERB.match(said) or not said[0].isupper()
    ]
    assert wrong == []


def test_words_that_read_as_translated_are_not_used() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{at}: {found[0]}"
        for path in [*sources(*ROOMS, "benchmarks"), *PAGES]
        for at, line in enumerate(path.read_text().splitlines(), 1)
        if (found := BANNED.search(line))
    ]
    assert wrong == []
