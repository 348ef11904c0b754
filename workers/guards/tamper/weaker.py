"""Decide which value of a setting asks for less than the one before it.

Law: a key is known by how it ends, whatever tool it belongs to (`rules/settings.toml`); a value that cannot be compared
says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.guards.found import spell
from workers.guards.tamper.flat import Flat

_MODES = {"off": 0, "skip": 0, "basic": 1, "silent": 1, "standard": 2, "normal": 2, "strict": 3, "error": 3}
_USUAL = {"python_files": {"test_*.py", "*_test.py"}, "python_classes": {"Test"}, "python_functions": {"test"}}
_SEVERITY = {
    **dict.fromkeys(("off", "0", "allow", "none", "ignore"), 0),
    **dict.fromkeys(("warn", "warning", "information", "1", "info"), 1),
    **dict.fromkeys(("on", "error", "2", "deny"), 2),
    "forbid": 3,
}


def weaker(before: Flat, after: Flat) -> Iterator[str]:
    """Yield a sentence for every setting that became weaker, "" for every other one that changed."""
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key) and not _is("package-key", key):
            yield judged(key, before.get(key), after.get(key))


def judged(key: str, old: object, new: object) -> str:
    """Return why a new value is weaker, in words; "" where it is not, or cannot be compared."""
    name = f"`{spell(key)}`"
    if words := _decided(key, name, old, new):
        return words
    if _is("decides-tests", key) and new is not None:
        return f"{name} decides what is run as a test, and was changed"
    if key == "extends" and new is None:
        return f"{name} is gone, and with it all that stood there"
    if key.endswith("addopts") and (odd := _options("odd-option", new) - _options("odd-option", old)):
        return f"{name} has new options that change how tests are run: {spell(', '.join(sorted(odd)))}"
    if _is("options-key", key):
        return _called(name, old, new)
    numbers = _numbers(old, new)
    if _is("higher-is-stronger", key) and numbers:
        return f"{name} was lowered" if numbers[1] < numbers[0] else ""
    if _is("lower-is-stronger", key) and numbers:
        return f"{name} was raised" if numbers[1] > numbers[0] and "line" not in key else ""
    if _is("true-is-stronger", key) and _truth(old) and not _truth(new):
        return f"{name} was switched off"
    if _is("false-is-stronger", key) and _truth(new) and not _truth(old):
        return f"{name} was switched on"
    if _is("rule-key", key) and (mild := _severity(new)) is not None:
        had = _severity(old)
        return f"the rule {name} became milder" if mild < (1 if had is None else had) else ""
    return _listed(key, name, old, new)


def _listed(key: str, name: str, old: object, new: object) -> str:
    if _is("more-is-weaker", key):
        more = _words(new) - _words(old)
        return f"{name} has more entries: {spell(', '.join(sorted(more)))}" if more else ""
    if _is("less-is-weaker", key) and old is not None and (less := _words(old) - _words(new)):
        return f"{name} has fewer entries: without {spell(', '.join(sorted(less)))}"
    return ""


def _decided(key: str, name: str, old: object, new: object) -> str:
    """Return why a setting is weaker that is known by more than more or less."""
    last = key.rsplit(".", 1)[-1]
    if _is("runs-own-code", key) and any(_is("own-code", one) for one in _words(new) - _words(old)):
        return f"{name} lets code of the repository decide what a test's result is"
    if _is("mode-key", key) and new is not None:
        had, has = _MODES.get(str(old).lower(), 2), _MODES.get(str(new).lower(), 2)
        return f"{name} became milder" if has < had or (last == "issues-exit-code" and str(new) == "0") else ""
    if _is("strict-family", key) and new is False and old is not False:
        return f"{name} was switched off"
    if last in _USUAL and old is None and new is not None and _words(str(new).replace(" ", ",")) != _USUAL[last]:
        less = {one for one in _USUAL[last] if not any(one.startswith(each.rstrip("*")) for each in _split(new))}
        return f"{name} leaves out tests that are found by their usual names" if less else ""
    if last == "norecursedirs" and any("test" in one.lower() for one in _split(new) - _split(old)):
        return f"{name} leaves out a folder of tests"
    ran = FORMS["node-test-runner"].search(str(old)) if old and new and _is("test-script", key) else None
    if ran and not _is("node-test-runner", str(new)) and not _is("runs-scripts", str(new)):
        return f"{name} no longer runs {spell(ran.text)}"
    return ""


def _called(name: str, old: object, new: object) -> str:
    """Return why a command, or its options, lets more pass."""
    if weak := _options("weakening-option", new) - _options("weakening-option", old):
        return f"{name} has new options that let more pass: {spell(', '.join(sorted(weak)))}"
    if strong := _options("strict-option", old) - _options("strict-option", new):
        return f"{name} lost options that are strict: {spell(', '.join(sorted(strong)))}"
    if old and _is("runs-nothing-at-all", _text(new)):
        return f"{name} no longer runs anything"
    return f"{name} is gone" if new is None and name.startswith("`scripts.test") else ""


def _is(form: str, text: str) -> bool:
    return FORMS[form].matches(text)


def _options(form: str, value: object) -> set[str]:
    every = {hit.text.strip() for hit in FORMS[form].every(_text(value))}
    return {one for one in every if not _is("usual-option", one)}


def _split(value: object) -> set[str]:
    return set(" ".join(_words(value)).split())


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _words(value: object) -> set[str]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (list, tuple)):
        return {str(one) for one in value}
    parts = (one.strip() for one in str(value).replace("\n", ",").split(","))
    return {one for one in parts if one and not one.startswith("#")}


def _numbers(old: object, new: object) -> tuple[float, float] | None:
    try:
        return float(str(old)), float(str(new if new is not None else 0))
    except ValueError:
        return None


def _truth(value: object) -> bool:
    return str(value).strip().lower() in {"true", "1", "yes", "on", "error", "all"}


def _severity(value: object) -> int | None:
    first = value[0] if isinstance(value, list) and value else value
    return _SEVERITY.get(str(first).lower()) if isinstance(first, (str, int)) and not isinstance(first, bool) else None
