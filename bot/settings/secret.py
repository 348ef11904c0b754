"""The configured values that must never leave: keys, tokens, and the passwords inside addresses.

They are gathered in one place, so that every place that sends words outside can look for them.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot.settings import Settings, groups

SHORTEST_PASSWORD = 12
"""Characters: a shorter one, such as "shipmate", may be an ordinary word, and words would be hidden everywhere."""


def configured(settings: Settings) -> tuple[str, ...]:
    """Return every secret value of these settings; of an address, its password."""
    values: dict[str, None] = {}
    for name in groups(type(settings)):
        group = getattr(settings, name)
        for field in type(group).model_fields:
            value = getattr(group, field)
            if isinstance(value, SecretStr):
                values |= dict.fromkeys(_parts(value.get_secret_value()))
    return tuple(values)


def _parts(value: str) -> tuple[str, ...]:
    if "://" not in value:
        return (value,) if value else ()
    try:
        password = urlsplit(value).password
    except ValueError:
        return (value,)
    return (unquote(password),) if password and len(password) >= SHORTEST_PASSWORD else ()
