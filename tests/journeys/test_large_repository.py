"""A large repository whose policy file asks for a part of it, with Git LFS and a submodule: from a message to merged.

Most of it never comes, tests that need what lies elsewhere pass, and what lies elsewhere cannot be changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from bot.domain.change import Phase
from tests.journeys import shop
from tests.journeys.life import asks
from tests.journeys.town import Town, town
from tests.workers.workspace.conftest import Origin, git

pytestmark = pytest.mark.xdist_group("town")

LOGO = bytes(range(256)) * 40
OID = hashlib.sha256(LOGO).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(LOGO)}\n"
POLICY = """\
[checks]
test = "sh check.sh"
reports = ["reports/*.xml"]

[workspace]
sparse = ["goods", ".github", "art", "vendor/tax"]
partial = true
lfs = true
submodules = ["vendor/tax"]

[network]
hosts = ["api.example.com"]
"""
NEEDS = f"""\
echo "{OID}  art/logo.png" | sha256sum --check --quiet || exit 9
test "$(cat vendor/tax/rate.txt)" = 19 || exit 8
"""
CI = shop.files()[".github/workflows/ci.yml"].replace("sh check.sh", "mkdir reports; echo fine")
PAINT = """\
title = "paint"
match = ['(?is)\\bpaint (?P<what>[a-z/.]+)\\b']

[[turn]]
[[turn.tools]]
bash = "chmod -R u+w vendor; echo blue >>{{what}}"

[[turn]]
text = "I tried."
"""
ARCHIVE = {f"archive/{number // 200}/{number}.txt": f"receipt {number}\n" for number in range(4_000)}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    place = tmp_path_factory.mktemp("large")
    source, tax = place / "shop.git", Origin(place / "tax.git", "")
    for bare in (source, tax.bare):
        git(place, "init", "-q", "--bare", "-b", "main", str(bare))
    pinned = tax.commit({"rate.txt": "19\n"})
    tax.commit({"rate.txt": "21\n"})
    kept = source / "lfs/objects" / OID[:2] / OID[2:4]
    kept.mkdir(parents=True)
    (kept / OID).write_bytes(LOGO)
    own = {
        ".shipmate.toml": POLICY, "check.sh": NEEDS + shop.files()["check.sh"], ".github/workflows/ci.yml": CI,
        ".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n", "art/logo.png": POINTER,
        ".gitmodules": '[submodule "tax"]\n\tpath = vendor/tax\n\turl = ../tax.git\n',
    }  # fmt: skip
    stream = bytearray(b"commit refs/heads/main\ncommitter ana <ana@example.com> 1700000000 +0000\ndata 1\na\n")
    for path, text in {**ARCHIVE, **shop.files(), **own}.items():
        stream += f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n".encode()
    stream += f"M 160000 {pinned} vendor/tax\n".encode()
    git(source, "fast-import", "--quiet", input=bytes(stream))
    with town(source=source, also={"acme/tax": tax.bare}) as running:
        (running.home / "playground/scripts/paint.toml").write_text(PAINT)
        yield running


def test_a_part_of_a_large_repository_is_enough_for_a_change(here: Town) -> None:
    life = asks(here, "sell plums for 300 in acme/shop")
    ready = life.reaches(Phase.READY)
    assert ready.evidence is not None
    assert (ready.evidence.verdict, ready.evidence.counts.passed) == ("green", 3)
    assert ready.evidence.reasons[1].startswith("The policy file asks for api.example.com on the network, but")
    assert ready.files == ("goods/plums.txt",)
    mirror, other = sorted((here.home / "mirrors").glob("*.git"))
    assert other.name.startswith("acme-tax-")
    kinds = git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert kinds.count("blob") < 50
    merged = life.decides("ben", "approve", Phase.MERGED)
    assert merged.merge_sha is not None
    life.decides("ben", "undo", Phase.UNDOING)
    life.decides("ben", "undo_approve", Phase.UNDONE)
    life.holds_together()
    assert here.forge.refs(shop.NAME).keys() == {"main"}
    assert git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split().count("blob") < 50


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("art/logo.png", "is kept in Git LFS, which cannot be changed here"),
        ("vendor/tax/rate.txt", "is in the submodule vendor/tax, which is read-only here"),
    ],
)
def test_a_change_to_one_is_refused_with_a_reason_that_people_see(here: Town, path: str, why: str) -> None:
    life = asks(here, f"paint {path} in acme/shop")
    change = life.reaches(Phase.STUCK)
    assert change.pull is None
    life.is_quiet()
    said = "\n".join(str(one) for one in life.messages())
    assert f"I can't propose what I changed: {path} {why}" in said


def test_an_object_that_is_gone_is_named_to_the_person_who_asked(here: Town) -> None:
    other = LOGO[::-1]
    pointer = here.forge.keep_large(shop.NAME, other)
    here.forge.push_commit(shop.NAME, "main", {"art/logo.png": pointer}, author="ben")
    here.forge.refuse_large(shop.NAME, hashlib.sha256(other).hexdigest(), 410)
    life = asks(here, "sell quinces for 80 in acme/shop")
    change = life.reaches(Phase.STUCK)
    life.is_quiet()
    said = "\n".join(str(one) for one in life.messages())
    assert "art/logo.png can't be downloaded: it was removed from Git LFS." in said
    assert change.pull is None
