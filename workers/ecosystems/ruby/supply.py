"""What a Gemfile.lock pins."""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.supply import Pinned, supply


def gemfile_lock(text: str) -> Iterator[Pinned]:
    """Read sections of gems below the place that they are from, and their checksums."""
    section, remote = "", ""
    for line in text.split("\n"):
        margin, words = len(line) - len(line.lstrip()), line.split()
        version = words[1][1:-1] if len(words) > 1 and words[1].startswith("(") else ""
        if words and not margin:
            section, remote = line.strip(), ""
        elif margin == 2 and words and words[0] == "remote:":
            remote = " ".join(words[1:])
        elif margin == 2 and section == "CHECKSUMS" and version and len(words) > 2:
            yield Pinned(f"{words[0]} (checksum)", version, "", frozenset([words[2]]))
        elif margin == 4 and version and len(words) == 2 and section in {"GEM", "GIT", "PLUGIN SOURCE"}:
            yield Pinned(words[0], version, remote)


SUPPLY = supply(__file__, locks=dict.fromkeys(("Gemfile.lock", "gems.locked"), gemfile_lock))
