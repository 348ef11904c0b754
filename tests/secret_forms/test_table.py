"""Every row of the table of secret forms holds for the guards and for redaction, by its own hits and misses."""

from __future__ import annotations

import re

import pytest

from bot.secret_forms import FORMS, Form, tokens
from bot.secret_forms.redact import MARK, redact
from tests.secret_forms.examples import hits, misses
from tests.workers.guards.looking import look
from workers.guards import Found

each_row = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)


def values(form: Form, text: str) -> list[str]:
    return [one.value for one in tokens(text.encode(), (form,))]


def secrets(texts: list[str]) -> dict[str, list[Found]]:
    """The guards' findings of secrets in each of these texts, each as a file of its own."""
    files: dict[str, bytes | str] = {f"src/a{at}.rb": f"first\n{text}\n" for at, text in enumerate(texts)}
    found = [one for one in look({}, files) if one.rule in {"secret", "secret-public"}]
    return {text: [one for one in found if one.path == path] for path, text in zip(files, texts, strict=True)}


@each_row
def test_the_guards_stop_its_hits_and_leave_its_misses(form: Form) -> None:
    expected = ("secret-public", "hold") if form.public else ("secret", "block")
    for text, found in secrets(hits(form)).items():
        assert {(one.rule, one.level) for one in found} == {expected}, text
        assert not any(value in one.words for value in values(form, text) for one in found)
        if "\n" not in text:
            bare = form.what.split(" ", 1)[1] if form.what.split()[0] in {"a", "an", "the"} else form.what
            assert any(bare in one.words and "line 2 " in one.words for one in found), text
    assert {text: found for text, found in secrets(misses(form)).items() if found} == {}


@each_row
def test_redaction_hides_its_hits_and_leaves_its_misses(form: Form) -> None:
    for text in hits(form):
        told = redact(f"It says:\n{text}\nand no more.")
        assert values(form, text), text
        assert form.public or MARK in told
        assert [value in told for value in values(form, text)] == [form.public] * len(values(form, text))
    for text in misses(form):
        assert values(form, text) == [], text


def test_a_row_is_short_and_names_its_source_and_has_one_group_at_most() -> None:
    for form in FORMS:
        assert form.source.startswith("https://"), form.id
        assert form.what.split()[0] in {"a", "an", "the", "credentials"}, form.id
        without_classes = re.sub(r"\\.|\[[^\]]*\]", "", form.form)
        assert len(re.findall(r"\((?!\?:|\?i\)|\?m\))", without_classes)) <= 1, form.id
        for hit in hits(form):
            assert any(anchor.lower() in hit.lower() for anchor in form.anchors), form.id


def test_a_checksum_proves_a_token_whatever_words_are_in_it() -> None:
    github = next(form for form in FORMS if form.id == "github")
    body = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"
    assert github.is_proven(f"ghp_{body}" + "0mLq17")
    assert not github.is_proven(f"ghp_{body}" + "0mLq18")
    assert not github.is_proven("ghp_")


def test_a_public_key_beside_a_secret_hides_nothing() -> None:
    by_name = {form.id: hits(form)[0] for form in FORMS}
    text = f"x = '{by_name['sentry-dsn']}', '{by_name['github']}'"
    assert {one.rule for one in secrets([text])[text]} == {"secret", "secret-public"}
