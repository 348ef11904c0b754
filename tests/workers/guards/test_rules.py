"""Every rule's own examples, through the guards; and what a table may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.guards.looking import look
from workers.ecosystems.forms import FORMS, LONGEST, Form
from workers.guards import RULES, engine
from workers.guards.edits import Edit, Examined
from workers.guards.rules import LOOKS, Example, Look, Shown, read
from workers.workspace import Changed

OLD, NEW = "a" * 40, "b" * 40
WHOLE = [
    (name, kind, example)
    for name, rule in RULES.items()
    for kind in ("hits", "misses")
    for example in getattr(rule, kind)
]


def found_by(name: str, look: Look, one: Shown) -> list[str]:
    """Return what the engine says of a line that a look's table shows, or of a path."""
    path = one.text if look.on in {"path", "file"} else one.at or look.at
    status = look.status[-1:] or "M"
    sides = (one.text.encode(), b"") if look.on in {"fewer", "lost"} else (b"", one.text.encode())
    edit = Edit(Changed(path, status, "100644", "100644", OLD, NEW), *sides)
    return [each.words for each in engine.guard(Examined((edit,), lambda _: None, lambda _: None)) if each.rule == name]


@pytest.mark.parametrize(("name", "look"), [pytest.param(*each, id=f"{each[0]}-{at}") for at, each in enumerate(LOOKS)])
def test_a_look_finds_its_hits_and_nothing_of_its_misses(name: str, look: Look) -> None:
    assert [one.text for one in look.hits if not found_by(name, look, one)] == []
    assert [one.text for one in look.misses if found_by(name, look, one)] == []
    assert idle(look, [one.text for one in look.hits]) == []


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_matches_its_hits_and_none_of_its_misses(name: str) -> None:
    form = FORMS[name]
    assert [text for text in form.hits if not form.matches(text)] == []
    assert [text for text in form.misses if form.matches(text)] == []
    assert idle(form, list(form.hits)) == []


def idle(form: Form, hits: list[str]) -> list[str]:
    """Return patterns that no hit shows."""
    return sorted(form.patterns.keys() - {hit.pattern for text in hits for hit in form.every(text)})


Side = dict[str, bytes | str]


def change(example: Example) -> tuple[Side, Side]:
    """Return the two sides of an example."""
    before, after = Side(), Side(example.more)
    for number in range(example.times if "{n}" in example.path else 1):
        path, times = example.path.replace("{n}", str(number)), 1 if "{n}" in example.path else example.times
        for side, body in ((before, example.before), (after, example.after)):
            if body is not None:
                side[path] = body * times
    return before, after


@pytest.mark.parametrize(("name", "kind", "example"), WHOLE)
def test_a_rule_that_code_finds_finds_its_hits_and_nothing_of_its_misses(
    name: str, kind: str, example: Example
) -> None:
    before, after = change(example)
    secrets = (example.secret,) if example.secret else ()
    rules = {one.rule for one in look(before, after, secrets, dict(example.also), mode=example.mode)}
    assert (name in rules) is (kind == "hits")


def test_no_pattern_is_long() -> None:
    every = [*FORMS.values(), *(look for _, look in LOOKS)]
    assert max(len(one.form) for form in every for one in form.patterns.values()) <= LONGEST < 200


TABLE = """
[form.a]
hits = ["a"]
misses = ["b"]
patterns.a = '{}'
"""


@pytest.mark.parametrize(
    "text",
    [
        TABLE.format("a" * 200),
        TABLE.format("a") + "patterns.a = 'b'",
        TABLE.format("a").replace('misses = ["b"]', "misses = []"),
        TABLE.format("a").replace('hits = ["a"]', ""),
        TABLE.format("a") + "unles = ['b']",
        '[rule.a]\nlevel = "flag"\nfact = true\nwhy = "b"\n',
        '[rule.a]\nlevel = "flag"\nfact = true\nwhy = "b"\ncode = "c"\n',
        '[rule.a]\nlevel = "stop"\nfact = true\nwhy = "b"\ncode = "c"\n',
    ],
    ids=["long", "name twice", "no misses", "no hits", "misspelt", "finds nothing", "not shown", "no such level"],
)
def test_a_table_that_is_not_as_it_must_be_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(ValueError, match=r"_File|overwrite"):
        read(tmp_path)
    (tmp_path / "a.toml").write_text(TABLE.format("a"))
    assert list(read(tmp_path).form) == ["a"]


@pytest.mark.parametrize("pattern", ["(?=a)", "(?<!a)b", "(a)\\1", "a*+", "(?>a)"])
def test_what_takes_more_than_linear_time_does_not_compile(pattern: str) -> None:
    form = Form(patterns={"a": {"form": pattern}}, hits=("a",), misses=("b",))  # type: ignore[dict-item]  # read as tables are
    with pytest.raises(Exception, match=r"invalid|bad"):
        form.matches("a")


def test_a_form_narrows_what_it_matches() -> None:
    form = Form.model_validate({
        "patterns": {"call": {"form": "f\\(", "not_followed_by": "\\)"}}, "unless": ["^#"], "case": False,
        "hits": ["f(1"], "misses": ["f()"],
    })  # fmt: skip
    assert [form.matches(text) for text in ("f(1)", "F(1)", "f()", "f() f(1)", "# f(1)", "f(\udcff")] == [
        True, True, False, True, False, True,
    ]  # fmt: skip
