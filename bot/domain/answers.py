"""Read typed answers that can mean only one thing.

Law: nothing is granted on a guess. What isn't wholly made of words that we know is in doubt, and the person is asked
again with buttons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

YES = (
    *("yes", "yeah", "yep", "yup", "ok", "okay", "sure", "continue", "proceed"),
    *("go on", "go ahead", "keep going", "carry on"),
)
NO = ("no", "nope", "stop", "stop here", "enough", "cancel", "abort", "halt", "quit")
STOP = ("stop", "cancel", "abort", "halt")
FILLERS = frozenset({"a", "all", "and", "i", "it", "its", "just", "now", "of", "please", "right"})
FILLERS |= {"thank", "thanks", "that", "thats", "the", "then", "this", "you"}
_ENDING = FILLERS | {"for", "is", "ok", "okay"}
_CHOOSING = FILLERS | {"answer", "choose", "id", "like", "number", "one", "option"}
_CHOOSING |= {"pick", "prefer", "take", "use", "want", "with"}
_FEW = 5
_PLACES = ("first", "second", "third", "fourth", "fifth")
_CLAUSE = re.compile(r"[,.;:!?\n–—]+|\s-\s")


def means(text: str, phrases: Sequence[str], fillers: frozenset[str] = FILLERS) -> bool:
    """Return whether a text is made of these phrases and words without a meaning of their own, and nothing else."""
    known = re.compile(rf"\b(?:{'|'.join(sorted(phrases, key=len, reverse=True))})\b")
    rest, found = known.subn(" ", " ".join(_words(text)))
    return found > 0 and set(rest.split()) <= fillers


def may_mean_stop(text: str) -> bool:
    """Return whether a part of the text is nothing but a stop, or a few words begin with one: the person is asked."""
    words = _words(text)
    brief = len(words) <= _FEW and words[:1] in [[word] for word in STOP]
    return brief or any(means(part, STOP) for part in _CLAUSE.split(text))


def goes_on(text: str) -> bool | None:
    """Return whether a typed answer to "Shall I go on?" means yes or no, as its option; None in doubt."""
    if means(text, YES):
        return True
    if means(text, NO, _ENDING):
        return False
    place = _place(_telling(text), 2)
    return None if place is None else place == 0


def chosen_option(text: str, options: Sequence[str]) -> str | None:
    """Return the option that a text names by its place or by words that no other option has, or None in doubt."""
    exact = [option for option in options if _words(option) == _words(text)]
    telling = _telling(text)
    if exact or not telling:
        return exact[0] if len(exact) == 1 else None
    named = [option for option in options if telling <= set(_words(option))]
    if named or any(telling & set(_words(option)) for option in options):
        return named[0] if len(named) == 1 else None
    place = _place(telling, len(options))
    return options[place] if place is not None else None


def _words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.casefold()).split()


def _telling(text: str) -> set[str]:
    return set(_words(text)) - _CHOOSING


def _place(telling: set[str], of: int) -> int | None:
    """Return which of so many is meant by "second", "2", "2nd" or "last"."""
    if len(telling) != 1:
        return None
    [word] = telling
    if word == "last":
        return of - 1
    number = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", word)
    place = _PLACES.index(word) if word in _PLACES else int(number[1]) - 1 if number else -1
    return place if 0 <= place < of else None
