"""A large repository whose policy file asks for a part of it: from a message to merged, and most of it never came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.change import Phase
from tests.journeys import shop
from tests.journeys.life import asks
from tests.journeys.town import Town, town
from tests.workers.workspace.conftest import git

pytestmark = pytest.mark.xdist_group("town")

POLICY = """\
[checks]
test = "sh check.sh"
reports = ["reports/*.xml"]

[workspace]
sparse = ["goods", ".github"]
partial = true

[network]
hosts = ["api.example.com"]
"""
ARCHIVE = {f"archive/{number // 200}/{number}.txt": f"receipt {number}\n" for number in range(20_000)}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    source = tmp_path_factory.mktemp("large") / "shop.git"
    git(source.parent, "init", "-q", "--bare", "-b", "main", str(source))
    stream = bytearray(b"commit refs/heads/main\ncommitter ana <ana@example.com> 1700000000 +0000\ndata 1\na\n")
    for path, text in {**ARCHIVE, **shop.files(), ".shipmate.toml": POLICY}.items():
        stream += f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n".encode()
    git(source, "fast-import", "--quiet", input=bytes(stream))
    with town(source=source) as running:
        yield running


def test_a_part_of_a_large_repository_is_enough_for_a_change(here: Town) -> None:
    life = asks(here, "sell plums for 300")
    ready = life.reaches(Phase.READY)
    assert ready.evidence is not None
    assert (ready.evidence.verdict, ready.evidence.counts.passed) == ("green", 3)
    assert ready.evidence.reasons[1].startswith("The policy file asks for api.example.com on the network; the operator")
    assert ready.files == ("goods/plums.txt",)
    [mirror] = (here.home / "mirrors").glob("*.git")
    kinds = git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert kinds.count("blob") < 50
    merged = life.decides("ben", "approve", Phase.MERGED)
    assert merged.merge_sha is not None
    life.decides("ben", "undo", Phase.UNDOING)
    life.decides("ben", "undo_approve", Phase.UNDONE)
    life.holds_together()
    assert here.forge.refs(shop.NAME).keys() == {"main"}
    assert git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split().count("blob") < 50
