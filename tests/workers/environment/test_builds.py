"""Packages are taken ready-made: no line of a repository has one built, unless the operator allows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.environment.conftest import Index
from tests.workers.environment.test_install import of, writer
from workers.ecosystems.python.packages_ready_made import ready_made
from workers.egress import Sources
from workers.environment import Installed
from workers.environment.install import Installer
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.session import BashSession

NESTED = {"requirements.txt": "harbour\n-r more/dev.txt\n", "more/dev.txt": "--no-binary=barge\nbarge\n"}
URL = "http://{host}/files/barge-1.0.zip"


def installed(
    place: Path, box: Bubblewrap, host: str, files: dict[str, str], *, builds: bool
) -> tuple[Installed, bool]:
    """(what came of it, whether a package's own code ran)."""
    sources = Sources(local_hosts=(host,), index=f"http://{host}/simple/", source_builds=builds)
    files = {path: text.format(host=host) for path, text in files.items()}
    looked: list[bool] = []

    def looking(work: Path, result: Path, proxy: Path) -> BashSession:
        session = box.open_setup(work, result, proxy)
        close = session.close

        def closed() -> None:
            close()
            looked.append((result / "built").exists())

        session.close = closed  # type: ignore[method-assign]  # looked at just before it is gone
        return session

    class Watched:
        open_setup = staticmethod(looking)

    installer = Installer(place / "deps", Watched(), lambda: sources, dict)
    with installer.installed(of(files), "acme/quay", writer(files)) as found:
        return found, looked[0]


def test_a_requirement_file_has_no_package_built(box: Bubblewrap, index: Index, tmp_path: Path) -> None:
    text = f"--no-binary :all:\nharbour\n{URL}\n"
    found, ran = installed(tmp_path, box, index.host, {"requirements.txt": text}, builds=False)
    assert not ran
    assert any("barge" in reason for reason in found.reasons)


def test_the_operator_may_allow_it(box: Bubblewrap, index: Index, tmp_path: Path) -> None:
    assert installed(tmp_path, box, index.host, NESTED, builds=True)[1]


ORDINARY = """
harbour>=1,<2 ; python_version > "3"
quay[all]==1.0 --hash=sha256:aa --hash=sha256:bb
-e .
-e ./part[test]
./vendor/part-1.0.tar.gz
--index-url  https://packages.example/simple
-i https://${TOKEN}@packages.example/simple
--extra-index-url=HTTPS://packages.example/more
-f https://packages.example/links
--pre
--require-hashes
https://packages.example/files/harbour-1.2-py3-none-any.whl#sha256=aa
harbour @ https://packages.example/files/harbour-1.2-py3-none-any.whl
"""


def test_ordinary_lines_are_left_as_they_are(tmp_path: Path) -> None:
    place = tmp_path / "requirements.txt"
    place.write_text(f"# head\n{ORDINARY}harbour  # why\nquay \\\n  ==2.0\n")
    assert ready_made(str(place), set()) == []
    assert place.read_text().split("\n") == [*ORDINARY.strip().split("\n"), "harbour", "quay   ==2.0", ""]


@pytest.mark.parametrize(
    "line",
    [
        *("--no-binary :all:", "  --no-binary=barge", "--no-b barge", "--no-bin\\\nary barge", "--only-binary :none:"),
        *("harbour --no-binary barge", "--pre --no-binary barge", "--pre '--no-'binary barge", "--pre 'open"),
        *("https://x.example/a.zip", "barge @ https://x.example/a.tar.gz", "barge@HTTPS:/x/a.zip", "git+ssh://x/y"),
        *(
            "-e https://x.example/a.zip",
            "--pre -e git+https://x/y",
            "--editable=https://x/a.zip",
            "--ed https://x/a.zip",
        ),
        *("https://x/a.zip?.whl", "https://x/a.zip#.whl", "barge @ ${PIP_INDEX_URL}a.zip"),
        *("-r https://x/more.txt", "-c https://x/more.txt", "--pre -r more.txt", "-r missing.txt", "-r${HOME}/x"),
    ],
)
def test_lines_that_may_have_something_built_are_left_out(tmp_path: Path, line: str) -> None:
    place = tmp_path / "requirements.txt"
    place.write_text(f"harbour\n{line}\nquay\n")
    (tmp_path / "more.txt").write_text("--no-binary :all:\n")
    left = ready_made(str(place), set())
    assert left == [line.replace("\\\n", "").strip()]
    assert place.read_text() == "harbour\nquay\n"


def test_files_that_a_file_names_are_looked_at_and_circles_end(tmp_path: Path) -> None:
    place, more = tmp_path / "requirements.txt", tmp_path / "more" / "dev.txt"
    more.parent.mkdir()
    place.write_text("-r more/dev.txt\n--constraint=more/dev.txt\n")
    more.write_bytes("-r ../requirements.txt\n--no-binary :all:\nbarge\n".encode("utf-16"))
    assert ready_made(str(place), set()) == ["--no-binary :all:"]
    assert place.read_text() == "-r more/dev.txt\n--constraint=more/dev.txt\n"
    assert more.read_text() == "-r ../requirements.txt\nbarge\n"


def test_a_file_in_an_encoding_of_its_own_is_read_as_pip_will_read_it(tmp_path: Path) -> None:
    place = tmp_path / "requirements.txt"
    place.write_text("# -*- coding: utf-7 -*-\nharbour\n+AC0ALQ-no-binary barge\n")
    ready_made(str(place), set())
    assert "coding" not in place.read_text()
