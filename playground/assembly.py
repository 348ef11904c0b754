"""Puts the three stand-ins together from one file of keys: who listens where, who calls whom, what they start with.

Law: a stand-in is built only when it is asked for, so that a user with real Slack keys gets no second Slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette


@dataclass(frozen=True)
class Repository:
    """A repository to serve: its full name, and the folder or git URL it is made from when it is not there yet."""

    name: str
    source: str


@dataclass(frozen=True)
class Assembly:
    """The arguments of the process. `keys` is keys.json; `notice` and `scripts_dir` may be empty or absent."""

    home: Path
    keys: Mapping[str, Any]
    events_url: str | None
    webhook_url: str | None
    ci_wrap: tuple[str, ...] | None
    ci_path: str
    repositories: tuple[Repository, ...]
    scripts_dir: Path
    turn_delay_ms: int
    notice: str

    def slack(self) -> Starlette:
        """Return one workspace with ana, ben, cleo and mallory, and the app installed."""
        from playground.slack.app import create_app
        from playground.slack.config import SlackStandInConfig, Suggestion

        return create_app(
            SlackStandInConfig(
                state_path=self.home / "slack.sqlite3",
                events_url=self.events_url,
                public_url=f"http://127.0.0.1:{self.keys['slack_port']}",
                bot_token=self.keys["slack_bot_token"],
                app_token=self.keys["slack_app_token"],
                signing_secret=self.keys["slack_signing_secret"],
                notice=self.notice,
                suggestions=tuple(Suggestion(*pair) for pair in self._suggestions()),
            )
        )

    def github(self) -> Starlette:
        """Return a forge with the seeded repository, or those it was given; each is made once and then kept.

        Raises what seeding raises where a source cannot be read.
        """
        from playground.github.app import create_app
        from playground.github.config import (
            AppIdentity,
            GitHubStandInConfig,
            PersonalToken,
            public_key_of,
        )
        from playground.github.seed import seed_repository
        from playground.seed import TILL_NAME, TILL_SOURCE

        config = GitHubStandInConfig(
            root=self.home / "github",
            public_url=f"http://127.0.0.1:{self.keys['github_port']}",
            pages_url=f"http://localhost:{self.keys['github_port']}",
            tokens=(PersonalToken(self.keys["github_token"], "shipmate-bot"),),
            app=AppIdentity(
                app_id=self.keys["github_app_id"],
                public_key=public_key_of(self.keys["github_app_private_key"]),
                installation_id=self.keys["github_installation_id"],
            ),
            webhook_url=self.webhook_url,
            webhook_secret=self.keys["github_webhook_secret"],
            ci_wrap=self.ci_wrap,
            ci_path=self.ci_path,
            ci_unsupported="neutral" if self.repositories else "failure",
        )
        for repository in self.repositories or (Repository(TILL_NAME, str(TILL_SOURCE)),):
            seed_repository(config, repository.name, repository.source)
        return create_app(config)

    def claude(self) -> Starlette:
        """Return the scripted model."""
        from playground.claude.app import create_app
        from playground.claude.config import ClaudeStandInConfig

        self.scripts_dir.mkdir(parents=True, exist_ok=True)
        return create_app(
            ClaudeStandInConfig(
                state_path=self.home / "claude.sqlite3",
                api_key=self.keys["claude_api_key"],
                extra_scripts_dir=self.scripts_dir,
                turn_delay_ms=self.turn_delay_ms,
            )
        )

    def _suggestions(self) -> list[tuple[str, str]]:
        """Return suggestions; only the seeded repository has scripted requests to offer."""
        if self.repositories:
            return []
        return [
            ("make the total include tax", "a bug: the receipt's total leaves the tax out"),
            ("add a tip of 10% button", "a small feature"),
            ("round prices to the nearest 5 cents", "the first attempt fails its tests and is fixed"),
            ("change the currency", "Claude asks a question first"),
            ("end the receipt with See you on Saturday!", "the review sends it back once"),
        ]
