"""The [network] table of the operator's file: hosts that repositories may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings.file import Network
from bot.settings.sources import SettingsInvalid
from shipmate.embedded.defaults import complete


def network(tmp_path: Path, text: str) -> Network:
    path = tmp_path / "shipmate.toml"
    path.write_text(f'repositories = ["acme/app"]\n{text}')
    return complete({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_CONFIG": str(path)}).worker.network


def test_without_it_no_host_may_be_named(tmp_path: Path) -> None:
    assert network(tmp_path, "") == Network(allow=[], allow_local=[])


def test_hosts_are_listed_by_exact_name(tmp_path: Path) -> None:
    text = '[network]\nallow = ["api.example.com"]\nallow_local = ["registry.internal:8080"]\n'
    assert network(tmp_path, text) == Network(allow=["api.example.com"], allow_local=["registry.internal:8080"])


@pytest.mark.parametrize("line", ['allow = ["*.example.com"]', 'allow = "api.example.com"', 'hosts = ["a.example"]'])
def test_mistakes_are_refused_with_their_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        network(tmp_path, f"[network]\n{line}\n")
    assert [problem.name.rpartition(":")[2] for problem in caught.value.problems] == ["3"]
