"""Values that never change, and the one way to make a new version of one.

Everything that is stored or sent is such a value. An unchecked copy would silently accept a misspelt field, and a value
of the wrong type would be written and could never be read again; so `model_copy(update=...)` is used nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    # A type checker knows the fields of every model here, as it does for a dataclass: a misspelt one is an error.
    from dataclasses import replace as revised
else:

    def revised(old, /, **fields):
        """Return `old` with `fields` replaced. Raises `ValidationError` for an unknown field or a wrong type."""
        kept = {name: getattr(old, name) for name in old.model_fields_set}
        return type(old).model_validate({**kept, **fields}, strict=True)


__all__ = ["Frozen", "revised"]


class Frozen(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
