from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.domain.rules import Rules
from bot.settings.file import Network, Setup, _Budget, _OperatorFile, _Person, _Roles, _Tier, line_of
from bot.settings.sources import SettingsInvalid
from shipmate.embedded.defaults import complete

GOOD = """\
repositories = ["acme/app", "acme/site"]

[channels]
"#app" = "acme/app"
C0123ABC = "acme/site"

[people]
U0ANA = { github = "ana" }

[people.U0BEN]
github = "ben"

[roles]
ask = ["U0ANA"]
approve = ["U0BEN"]

[budget]
rounds = 2
tokens = 1_000_000
"""


def rules(tmp_path: Path, text: str, **environ: str) -> Rules:
    path = tmp_path / "shipmate.toml"
    path.write_text(text)
    return complete({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_CONFIG": str(path), **environ}).worker.rules


def wrong(tmp_path: Path, text: str, **environ: str) -> list[tuple[str, str]]:
    with pytest.raises(SettingsInvalid) as caught:
        rules(tmp_path, text, **environ)
    return [(problem.name.rpartition("/")[2], problem.what) for problem in caught.value.problems]


def test_the_file_becomes_rules(tmp_path: Path) -> None:
    assert rules(tmp_path, GOOD) == Rules(
        repositories=("acme/app", "acme/site"),
        channels={"#app": "acme/app", "C0123ABC": "acme/site"},
        people={"U0ANA": "ana", "U0BEN": "ben"},
        may_ask=("U0ANA",),
        may_approve=("U0BEN",),
        max_rounds=2,
        max_tokens=1_000_000,
    )


def test_the_example_is_valid_and_lists_every_key(tmp_path: Path) -> None:
    text = Path("shipmate.example.toml").read_text()
    assert rules(tmp_path, text).repositories == ("acme/app", "acme/site")
    written = tomllib.loads(text)
    assert set(written) == set(_OperatorFile.model_fields)
    for name, table in (("roles", _Roles), ("budget", _Budget), ("setup", Setup), ("network", Network)):
        assert set(written[name]) == set(table.model_fields), name
    assert {key for tier in written["tiers"].values() for key in tier} == set(_Tier.model_fields)
    assert {key for person in written["people"].values() for key in person} == set(_Person.model_fields)


def test_repositories_of_the_environment_replace_those_of_the_file(tmp_path: Path) -> None:
    text = 'repositories = ["acme/app"]\n'
    assert rules(tmp_path, text, SHIPMATE_REPOSITORIES="acme/site").repositories == ("acme/site",)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('repositories = ["acme/app"]\nrepositoires = []\n', "shipmate.toml:2", "no such key"),
        ("[budget]\n\nrounds = 1\nround = 2\n", "shipmate.toml:4", "budget.round: no such key"),
        ("[tiers.Deep]\nturns = 9\n", "shipmate.toml:1", "one word in lower case"),
        ('[tiers.deep]\neffort = "much"\n', "shipmate.toml:2", "'low', 'medium'"),
        ("[budget]\nminutes = 0\n", "shipmate.toml:2", "greater than or equal to 1"),
        ('[budget]\nturns = "many"\n', "shipmate.toml:2", "integer"),
        ('repositories = [\n  "acme/app",\n  "app",\n]\n', "shipmate.toml:1", "owner/name"),
        ('[people]\nU0ANA = { login = "ana" }\n', "shipmate.toml:2", "people.U0ANA.login: no such key"),
        ('[people]\nana = { github = "ana" }\n', "shipmate.toml:2", "Slack member id"),
        ('[roles]\napprove = ["ben"]\n', "shipmate.toml:2", "Slack member id"),
        ('[channels]\n"app" = "acme/till"\n', "shipmate.toml:2", '"#name"'),
        ('[people.U0ANA]\n\ngithub = "a b"\n', "shipmate.toml:3", "GitHub login"),
        ("[budget\nrounds = 1\n", "shipmate.toml:1", "not valid TOML"),
        ("a = 1\na = 2\n", "shipmate.toml:2", "not valid TOML"),
        ('repositories = ["a/b"]\n[channels]\n"#x" = "a/c"\n', "shipmate.toml:3", "not served"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, text: str, place: str, says: str) -> None:
    found = [pair for pair in wrong(tmp_path, text) if pair[0] == place]
    assert any(says in what for _, what in found), wrong(tmp_path, text)


def test_all_mistakes_are_said_together(tmp_path: Path) -> None:
    found = wrong(tmp_path, "x = 1\n[budget]\nrounds = -1\nturns = 0\n", LOG_LEVEL="loud")
    assert [name for name, _ in found] == ["shipmate.toml:1", "shipmate.toml:3", "shipmate.toml:4", "LOG_LEVEL"]


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "shipmate.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsInvalid, match="not UTF-8"):
        complete({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_CONFIG": str(path)})


def test_lines_are_found_through_tables_and_dotted_keys() -> None:
    text = 'a.b = 1\n[c."d e"]\nf = 2\n# g = 3\n[c.h]\ni.j = 4\n'
    assert line_of(text, ("a", "b")) == 1
    assert line_of(text, ("c", "d e", "f")) == 3
    assert line_of(text, ("c", "h", "i", "j")) == 6
    assert line_of(text, ("nowhere",)) == 1
