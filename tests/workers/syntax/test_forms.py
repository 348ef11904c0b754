"""How tests look in each language: every name finds its hits and leaves its misses alone."""

from __future__ import annotations

import importlib

import pytest
import re2
from tree_sitter import Language, Parser

from workers.ecosystems.forms import Form
from workers.ecosystems.registry import ALL
from workers.ecosystems.suite import TestForms
from workers.syntax.nodes import KINDS, NAMES

_OF_LANGUAGES = {f"{one.name}-{role}": names for one in ALL for form in one.tests for role, names in form.names.items()}
_OF_LINES = {
    f"{one.name}-{read.files[0]}": read.lines
    for one in ALL
    for read in ((*one.supply.manifest, *one.supply.lock) if one.supply else ())
    if read.lines
}
EVERY = _OF_LANGUAGES | _OF_LINES | NAMES


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_name_finds_its_hits_and_leaves_its_misses_alone(name: str) -> None:
    names: Form = EVERY[name]
    assert [one for one in names.hits if not names.matches(one)] == []
    assert [one for one in names.misses if names.matches(one)] == []
    unused = [
        each for each in names.patterns.values() if not any(re2.compile(each.form).search(one) for one in names.hits)
    ]
    assert not unused


@pytest.mark.parametrize("grammar", sorted({form.grammar for one in ALL for form in one.tests}))
def test_a_grammar_can_be_loaded(grammar: str) -> None:
    module, _, function = grammar.partition(":")
    language = Language(getattr(importlib.import_module(module), function)())
    assert Parser(language).parse(b"a").root_node.end_byte == 1


@pytest.mark.parametrize(
    "form", [form for one in ALL for form in one.tests if form.kinds], ids=lambda form: form.grammar
)
def test_kinds_of_a_language_are_in_its_grammar_and_mean_a_kind_that_is_known(form: TestForms) -> None:
    module, _, function = form.grammar.partition(":")
    language = Language(getattr(importlib.import_module(module), function)())
    known = {each for kinds in KINDS.values() for each in kinds}
    assert [
        own for own, meant in form.kinds.items() if not language.id_for_node_kind(own, True) or meant not in known
    ] == []
