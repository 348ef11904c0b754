"""The forge on the GitHub stand-in, on a real socket."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playground.github import (
    AppIdentity,
    GitHubStandInConfig,
    PersonalToken,
    create_app,
    new_private_key,
    public_key_of,
)
from playground.github.client import GitHubDesk
from tests.workers.agent.serving import served
from workers.forge.github import GitHubForge

PRIVATE_KEY = new_private_key()
WORKFLOW = """
name: ci
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Test
        run: sh run.sh
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: test-reports
          path: reports
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: app
          path: dist
      - uses: shipmate-playground/deploy-preview@v1
        with:
          path: dist
"""
GREEN = "mkdir -p reports dist; cp ok.xml reports/; echo hi > dist/index.html\n"
OK_XML = '<testsuite><testcase name="a"/><testcase name="b"/><testcase name="c"><skipped/></testcase></testsuite>'


@dataclass
class Shop:
    """A repository of its own for one test, with a branch to propose."""

    desk: GitHubDesk
    api_url: str
    server_url: str
    repo: str
    base: str
    forge: GitHubForge = field(init=False)

    def __post_init__(self) -> None:
        self.forge = self.as_bot()

    def as_bot(self, token: str = "ghp_shipmate") -> GitHubForge:
        return GitHubForge(token=token, api_url=self.api_url, server_url=self.server_url)

    def as_app(self, installation_id: int | None = None, key: str = PRIVATE_KEY) -> GitHubForge:
        return GitHubForge(
            app_id=41, app_key=key, installation_id=installation_id, api_url=self.api_url, server_url=self.server_url
        )

    def branch(self, name: str = "shipmate/tax", text: str = "two\n") -> str:
        return self.desk.push_commit(self.repo, name, {"a.txt": text}, author="shipmate-bot")

    def propose(self, name: str = "shipmate/tax") -> tuple[int, str]:
        """An open pull request: its number and head."""
        head = self.branch(name)
        opened = self.forge.open_pull(self.repo, branch=name, head=head, into="main", title="Add tax", body="Because.")
        return opened.pull.number, head


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("github")

    def make(url: str) -> object:
        return create_app(
            GitHubStandInConfig(
                root=root,
                public_url=url,
                tokens=(
                    PersonalToken("ghp_shipmate", "shipmate-bot"),
                    PersonalToken("ghp_mallory", "mallory"),
                    PersonalToken("ghp_scopeless", "shipmate-bot", frozenset()),
                ),
                app=AppIdentity(app_id=41, public_key=public_key_of(PRIVATE_KEY)),
                mergeable_delay=0.0,
                auto_ci=False,
            )
        )

    with served(make) as url:  # type: ignore[arg-type]  # Starlette is an ASGI application
        yield url


_numbers = itertools.count(1)


@pytest.fixture
def shop(hub: str, tmp_path: Path) -> Iterator[Shop]:
    source = tmp_path / "source"
    (source / ".github/workflows").mkdir(parents=True)
    (source / ".github/workflows/ci.yml").write_text(WORKFLOW)
    (source / "a.txt").write_text("one\n")
    (source / "run.sh").write_text(GREEN)
    (source / "ok.xml").write_text(OK_XML)
    desk = GitHubDesk(hub)
    repo = f"acme/shop{next(_numbers)}"
    base = desk.seed(repo, str(source))
    yield Shop(desk, f"{hub}/api/v3", hub, repo, base)
    desk.clear_faults()
    desk.ci(auto=False)
