"""YAML that anybody wrote: read as text, and never more than it may cost."""

from __future__ import annotations

import time

import pytest

from workers.formats import yaml


def test_every_scalar_is_text() -> None:
    assert yaml.loads("on: yes\nv: 1.10\nx: [a, ~]\nz:\n<<: 3\n") == {
        "on": "yes", "v": "1.10", "x": ["a", "~"], "z": "", "<<": "3",
    }  # fmt: skip
    assert yaml.documents("a: 1\n---\nb: 2\n") == [{"a": "1"}, {"b": "2"}]
    assert yaml.loads("") == ""


def test_a_repeat_is_read_and_a_tag_makes_nothing() -> None:
    assert yaml.loads("- &x {a: 1}\n- *x\n") == [{"a": "1"}, {"a": "1"}]
    assert yaml.loads("!!python/object:os.system x") == "x"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join(['*' + chr(97 + at)] * 9)}]\n" for at in range(9)
)


@pytest.mark.parametrize(
    "text",
    [BOMB, "[" * 100_000, "- " * 100_000, "{a: " * 3000, "a: &a [*a]", "a: b: c", "? [a]\n: b", "\0", "\ud800",
     "x: " + "a" * (9 << 20)],
    ids=["bomb", "deep", "deep list", "deep mapping", "endless", "wrong", "key", "control", "surrogate", "large"],
)  # fmt: skip
def test_what_is_no_yaml_or_costs_too_much_is_refused_in_time(text: str) -> None:
    began = time.thread_time()
    with pytest.raises(ValueError, match=r"YAML|text|surrogates"):
        yaml.documents(text)
    assert time.thread_time() - began < 4
