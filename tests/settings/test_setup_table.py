"""The [setup] table of the operator's file: where packages may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings.file import Setup
from bot.settings.sources import SettingsInvalid
from shipmate.embedded.defaults import complete


def setup(tmp_path: Path, text: str) -> Setup:
    path = tmp_path / "shipmate.toml"
    path.write_text(f'repositories = ["acme/app"]\n{text}')
    return complete({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_CONFIG": str(path)}).worker.setup


def wrong(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(SettingsInvalid) as caught:
        setup(tmp_path, text)
    return [(problem.name.rpartition("/")[2], problem.what) for problem in caught.value.problems]


def test_without_it_the_public_registries_count(tmp_path: Path) -> None:
    assert setup(tmp_path, "") == Setup(hosts=None)


def test_no_host_at_all_can_be_said(tmp_path: Path) -> None:
    assert setup(tmp_path, "[setup]\nhosts = []\n").hosts == []


def test_an_index_of_ones_own(tmp_path: Path) -> None:
    text = """
[setup]
hosts = ["packages.example.com", "files.example.com:8443"]
local_hosts = ["devpi.internal:3141", "[fd00::1]:80"]
index = "http://devpi.internal:3141/team/pypi/"
registry = "https://packages.example.com/npm/"
certificates = "/etc/company/roots.pem"
source_builds = true
"""
    assert setup(tmp_path, text) == Setup(
        hosts=["packages.example.com", "files.example.com:8443"],
        local_hosts=["devpi.internal:3141", "[fd00::1]:80"],
        index="http://devpi.internal:3141/team/pypi/",
        registry="https://packages.example.com/npm/",
        certificates="/etc/company/roots.pem",
        source_builds=True,
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('hosts = ["*.example.com"]', "one exact name"),
        ('hosts = ["https://example.com"]', "one exact name"),
        ('hosts = "example.com"', "list"),
        ('hosts = ["a.example"]\nindex = "https://b.example/simple"', 'list its host, "b.example"'),
        ('hosts = ["a.example"]\nindex = "http://a.example/simple"', "plain http is for local_hosts"),
        ('index = "http://a.example/simple"', 'list its host, "a.example"'),
        ('index = "https://user:secret@a.example/simple"', "names no user"),
        ('certificates = "roots.pem"', "absolute"),
        ("builds = true", "no such key"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, what: str) -> None:
    ((name, said),) = wrong(tmp_path, f"[setup]\n{text}\n")
    assert name.startswith("shipmate.toml:")
    assert what in said
