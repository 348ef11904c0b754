"""The forms of secrets, as one table: guards stop a change that holds one, and redaction hides it in words.

The table is the TOML files in `table/`; a new kind of secret is a new row with its own hits and misses, and no code.
Every form runs on google-re2, so no text takes more time than its length asks for: strangers write what is read here.
"""

from __future__ import annotations

import base64
import tomllib
import zlib
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

import re2
from pydantic import BaseModel, ConfigDict, Field

from bot.secret_forms.dummies import entropy, is_jumbled, is_made_up, is_placeholder

_TABLE = Path(__file__).parent / "table"
_OPTIONS = re2.Options()
_OPTIONS.encoding = re2.Options.Encoding.LATIN1
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 4 << 20
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_OF_CHECKSUM = 6


def compiled(pattern: str) -> re2._Regexp:
    """Return a pattern for bytes; every byte that is not ASCII is a sign of its own."""
    return re2.compile(pattern.encode(), _OPTIONS)


class Form(BaseModel):
    """One row. Where the form has a group `v`, that is the secret; otherwise all of it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    provider: str
    what: str
    """How a sentence calls it: `a GitHub token`."""
    source: str
    """Where the provider says what it looks like or where it stands."""
    anchors: tuple[str, ...] = Field(min_length=1)
    """A text has one of these, in capitals or not, or nothing of this form: looking for them is fast."""
    form: Annotated[str, Field(max_length=199)]
    before: str = ""
    """Characters that may not stand before it, as in a class; letters and digits, where the row names none."""
    after: str = ""
    """Characters that may not stand behind it."""
    beside: Annotated[str, Field(max_length=199)] = ""
    """Text that must also stand elsewhere in the file."""
    least: int = 0
    """Characters below which the guards take it for a name; redaction hides it all the same."""
    random: float = 0
    """Bits for each character: a value that is not jumbled, or has fewer, is none."""
    encoded: bool = False
    """The value is base64: what it spells, behind a user's name and a colon, must look random."""
    checksum: bool = False
    """The last six characters may prove that the provider made it."""
    loose: bool = False
    """Random bytes have this form now and then, so it counts in plain text alone."""
    noisy: bool = False
    """It is found in decoded text too often."""
    lines: bool = False
    """It goes over several lines."""
    quiet: bool = False
    """Tests and documentation are full of such values that are made up: it is not looked for there."""
    public: bool = False
    """The provider means it to be public: it holds a change for a second approver, and is not hidden."""
    hits: tuple[str, ...] = Field(min_length=1)
    misses: tuple[str, ...] = Field(min_length=1)

    def search(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Yield where each secret of this form begins and ends."""
        at = 0
        while one := self._pattern.search(content, at):
            start, at = one.span(1)
            if not self.random or self._is_random(content[start:at]):
                yield start, at

    def fits(self, whole: bytes) -> bool:
        """Return whether a text holds what must stand beside a secret of this form."""
        return not self.beside or compiled(self.beside).search(whole) is not None

    def is_proven(self, value: str) -> bool:
        """Return whether the checksum in a token is right: then it is no dummy, whatever words are in it."""
        body = value.rpartition("_")[2]
        if not self.checksum or len(body) <= _OF_CHECKSUM:
            return False
        number, digits = zlib.crc32(body[:-_OF_CHECKSUM].encode()), ""
        for _ in range(_OF_CHECKSUM):
            number, digit = divmod(number, 62)
            digits = _BASE62[digit] + digits
        return digits == body[-_OF_CHECKSUM:]

    def _is_random(self, content: bytes) -> bool:
        if self.encoded:
            try:
                content = base64.b64decode(content + b"=" * (-len(content) % 4)).rpartition(b":")[2]
            except ValueError:
                return False
        value = content.decode("ascii", "replace")
        mixed = is_jumbled(value) and not is_placeholder(value) and not is_made_up(value)
        return mixed and entropy(value) >= self.random and not value.startswith(_ADDRESSES)

    @cached_property
    def _pattern(self) -> re2._Regexp:
        before = self.before or ("A-Za-z0-9_+/-" if self.loose else "A-Za-z0-9")
        alone = f"(?:^|[^{before}])(?P<v>{self.form})" + (f"(?:[^{self.after}]|$)" if self.after else "")
        whole = self.form if "(?P<v>" in self.form else alone
        return compiled(f"(?m){whole}")


_ADDRESSES = ("http:", "https:", "s3:", "gs:", "arn:", "file:", ".", "/", "~")
"""How a value begins that says where something is."""


class Token(NamedTuple):
    """A secret that was found: its form, its place in bytes, itself."""

    form: Form
    start: int
    end: int
    value: str


def _read() -> tuple[Form, ...]:
    rows = [
        Form(id=name, **row)
        for path in sorted(_TABLE.glob("*.toml"))
        for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items()
    ]
    return tuple(sorted(rows, key=lambda form: not form.public))


FORMS = _read()
"""Public ones first."""
PUBLIC = tuple(form for form in FORMS if form.public)
PRECISE = tuple(form for form in FORMS if not (form.loose or form.quiet or form.lines or form.public))
"""Forms that neither random bytes nor ordinary text have."""


@cache
def _anchors() -> tuple[re2.Set, tuple[str, ...]]:
    """Return every anchor of the table, to be looked for in one pass, and whose they are."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 << 20  # A set that runs out of memory finds nothing, and does not say so.
    every, owners = re2.Set.SearchSet(options), []
    for form in FORMS:
        for anchor in form.anchors:
            every.Add(re2.escape(anchor.lower().encode()))
            owners.append(form.id)
    every.Compile()
    return every, tuple(owners)


def tokens(content: bytes, forms: tuple[Form, ...] = FORMS, whole: bytes | None = None) -> Iterator[Token]:
    """Yield every secret of these forms, form by form. `whole` is the text that `content` is a part of.

    What is a part of a public one is not a secret: a Sentry DSN is an address with a token in it, too.
    """
    anchors, owners = _anchors()
    possible = {owners[at] for at in anchors.Match(content.lower()) or ()}
    public: list[tuple[int, int]] = []
    for form in forms:
        if form.id not in possible or not form.fits(content if whole is None else whole):
            continue
        for start, end in form.search(content):
            if form.public:
                public.append((start, end))
            elif any(first <= start < last for first, last in public):
                continue
            yield Token(form, start, end, content[start:end].decode("utf-8", "replace"))
