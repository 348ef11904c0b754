"""The examples of the table of secret forms, spelled out.

The table says `ghp_<alnum:36>`, so that no line of this repository looks like a live token to whoever scans it.
"""

from __future__ import annotations

import base64
import random
import re
import string

from bot.secret_forms import Form

SIGNS = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
    "digit": string.digits,
    "hex": "0123456789abcdef",
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "word": string.ascii_letters + string.digits + "_-",
}
ENCODED = {"basic": "ana:", "encoded": ""}


def spell(form: Form, example: str) -> str:
    """Return an example with random signs in its gaps, the same ones in every run."""
    chance = random.Random(form.id)

    def sign(found: re.Match[str]) -> str:
        kind, size = found[1], int(found[2])
        signs = "".join(chance.choice(SIGNS.get(kind, SIGNS["alnum"])) for _ in range(size))
        return base64.b64encode((ENCODED[kind] + signs).encode()).decode() if kind in ENCODED else signs

    return re.sub(r"<(\w+):(\d+)>", sign, example)


def hits(form: Form) -> list[str]:
    """Return the texts that a row finds."""
    return [spell(form, example) for example in form.hits]


def misses(form: Form) -> list[str]:
    """Return the texts that look like those and are left alone."""
    return [spell(form, example) for example in form.misses]
