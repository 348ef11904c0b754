"""What a go.mod declares."""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.supply import Package, supply


def go_mod(text: str) -> Iterator[Package]:
    """Read a file of Go modules."""
    block = ""
    for raw in text.split("\n"):
        words = raw.split("//")[0].split()
        if words[1:] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words:
            kind, rest = (block, words) if block else (words[0], words[1:])
            if rest and kind in {"require", "replace", "tool"}:
                yield Package(rest[0] if kind == "require" else f"{rest[0]} ({kind})", " ".join(rest[1:]))


SUPPLY = supply(__file__, {"go.mod": go_mod})
