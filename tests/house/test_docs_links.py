"""What the documentation points to exists: pages, headings, files, verbs of `make`, commands of `shipmate`.

Law: only what stands in backticks or in a block of code is taken for a command; prose may use the word "make".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from shipmate.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")])
# Languages whose blocks hold shell lines; the others are files and data.
SHELL = {"", "sh", "bash", "console"}

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(text: str) -> Iterator[str]:
    """The lines of every block of code that may hold commands."""
    for language, body in re.findall(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", text, flags=re.M | re.S):
        if language in SHELL:
            yield from body.splitlines()
    yield from (line[4:] for line in re.sub(r"```.*?```", "", text, flags=re.S).splitlines() if line[:4] == "    ")


def commands(page: Path) -> list[str]:
    """What a page tells people to type."""
    text = page.read_text()
    plain = re.sub(r"```.*?```", "", text, flags=re.S)
    return [line.strip().removeprefix("$ ") for line in [*blocks(text), *re.findall(r"`([^`\n]+)`", plain)]]


def anchors(page: Path) -> set[str]:
    """The names under which GitHub serves a page's headings."""
    plain = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    headings = re.findall(r"^#{1,6} (.*)$", plain, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def lost(page: Path) -> list[str]:
    """The relative links that lead nowhere."""
    plain = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.S)
    found = []
    for one, other in re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", plain):
        link = one or other
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


@pages
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert lost(page) == []


@pages
def test_every_source_file_that_a_page_names_exists(page: Path) -> None:
    ours = re.findall(r"`((?:bot|workers|tests|benchmarks|deploy|docs)/[\w./-]+)`", page.read_text())
    assert [name for name in ours if not (ROOT / name).exists()] == []


@pages
def test_every_verb_of_make_that_a_page_names_exists(page: Path) -> None:
    named = {verb for line in commands(page) if (verb := "".join(re.findall(r"^make ([a-z][a-z-]*)", line)))}
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    # A policy names the targets of the repository that it belongs to.
    assert named - known <= ({"app", "check", "test"} if page.name == "policy.md" else set())


@pages
def test_every_command_and_option_of_shipmate_that_a_page_names_exists(page: Path) -> None:
    unknown = []
    for line in commands(page):
        if not (found := re.match(r"(?:[A-Z_]+=\S*\s+)*(?:\.venv/bin/)?shipmate\s+([a-z].*)", line)):
            continue
        words = [word.rstrip(",") for word in re.sub(r"\"[^\"]*\"", "", found[1].split(" #")[0]).split()]
        node = get_command(app)
        while words and words[0] in (below := getattr(node, "commands", {})):
            node = below[words.pop(0)]
        known = {name for option in node.params for name in option.opts} | {"--help"}
        unknown += [f"{line}: {words[0]}"] if words and hasattr(node, "commands") else []
        unknown += [f"{line}: {word}" for word in words if word.startswith("--") and word not in known]
    assert unknown == []


def test_the_check_of_links_sees_what_is_lost(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text("[a](there.md#a-heading-with-code) [b](there.md#none) [c](gone.md) [d](https://example.com/x)\n")
    assert lost(page) == ["there.md#none", "gone.md"]
