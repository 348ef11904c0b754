"""Checks, with the stand-ins in the place of the live services, reached as real ones."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from playground.claude.app import create_app as claude_app
from playground.claude.config import ClaudeStandInConfig
from playground.github.app import create_app as github_app
from playground.github.client import GitHubDesk
from playground.github.config import (
    APP_PERMISSIONS,
    AppIdentity,
    GitHubStandInConfig,
    PersonalToken,
    new_private_key,
    public_key_of,
)
from playground.github.seed import seed_repository
from playground.seed import TILL_SOURCE
from playground.slack.app import create_app as slack_app
from playground.slack.config import SCOPES, SlackStandInConfig
from shipmate.embedded.defaults import Completed
from tests.checkup.live import levels, of, of_claude, of_github, of_slack, serving, settings


def slack_stand_in(tmp_path: Path, scopes: frozenset[str] = SCOPES) -> object:
    return lambda url: slack_app(
        SlackStandInConfig(
            state_path=tmp_path / "slack.sqlite3",
            public_url=url,
            bot_token="xoxb-doctor",
            app_token="xapp-doctor",
            scopes=scopes,
        )
    )


def with_slack(tmp_path: Path, url: str, **environ: str) -> Completed:
    given = {"SLACK_API_URL": f"{url}/api/", "SLACK_BOT_TOKEN": "xoxb-doctor", "SLACK_APP_TOKEN": "xapp-doctor"}
    return settings(tmp_path, **{**given, **environ})


def test_slack_is_fine_with_every_scope_and_a_socket(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        found = of_slack(with_slack(tmp_path, url))
    assert set(levels(found).values()) == {"ok"}
    assert {"SLACK_BOT_TOKEN", "Slack scopes", "SLACK_APP_TOKEN", "clock"} <= set(levels(found))


def test_slack_names_missing_scopes_and_says_where_to_add_them(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path, SCOPES - {"reactions:write", "team:read"})) as url:
        found = of(of_slack(with_slack(tmp_path, url)), "Slack scopes")
    assert found.level == "fail"
    assert "reactions:write team:read" in found.says
    assert "reinstall" in found.fix


def test_slack_refuses_a_wrong_token_and_a_wrong_socket_token(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        wrong = of_slack(with_slack(tmp_path, url, SLACK_BOT_TOKEN="xoxb-wrong"))
        half = of_slack(with_slack(tmp_path, url, SLACK_APP_TOKEN="xapp-wrong"))
    assert levels(wrong) == {"SLACK_BOT_TOKEN": "fail"}
    assert "OAuth" in wrong[0].fix
    assert of(half, "SLACK_APP_TOKEN").level == "fail"
    assert "connections:write" in of(half, "SLACK_APP_TOKEN").fix


def test_http_delivery_to_an_address_of_this_machine_is_a_fault(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        found = of_slack(with_slack(tmp_path, url, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="s"))
    assert of(found, "PUBLIC_URL").level == "fail"
    assert "SLACK_APP_TOKEN" in of(found, "PUBLIC_URL").fix


KEY = new_private_key()


def github_stand_in(tmp_path: Path, permissions: dict[str, str] | None = None) -> object:
    def make(url: str) -> Starlette:
        more = {"permissions": permissions} if permissions else {}
        config = GitHubStandInConfig(
            root=tmp_path / "github",
            public_url=url,
            tokens=(PersonalToken("ghp_doctor", "ben"), PersonalToken("ghp_guest", "mallory")),
            app=AppIdentity(app_id=12, public_key=public_key_of(KEY), **more),  # type: ignore[arg-type]
            webhook_url="https://shipmate.test/github/webhooks",
            webhook_secret="hush",
        )
        seed_repository(config, "acme/till", TILL_SOURCE)
        return github_app(config)

    return make


def with_app(tmp_path: Path, url: str, **environ: str) -> Completed:
    given = {
        "GITHUB_API_URL": f"{url}/api/v3",
        "GITHUB_SERVER_URL": url,
        "GITHUB_APP_ID": "12",
        "GITHUB_APP_PRIVATE_KEY": KEY,
        "GITHUB_WEBHOOK_SECRET": "hush",
        "PUBLIC_URL": "https://shipmate.test",
    }
    return settings(tmp_path, **{**given, **environ})


def test_a_github_app_with_its_permissions_and_webhook_is_fine(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        found = of_github(with_app(tmp_path, url))
    names = ["GITHUB_APP_ID", "clock", "app permissions", "acme/till", "CI of acme/till", "webhook"]
    assert levels(found) == dict.fromkeys(names, "ok")
    assert "couldn't look at its secrets" in of(found, "CI of acme/till").says


def test_a_github_app_without_write_permission_is_told_which(tmp_path: Path) -> None:
    few = {"contents": "read", "metadata": "read", "pull_requests": "write", "issues": "write"}
    with serving(github_stand_in(tmp_path, few)) as url:
        found = of_github(with_app(tmp_path, url, PUBLIC_URL="https://elsewhere.test"))
    assert of(found, "app permissions").level == "fail"
    assert "contents: write" in of(found, "app permissions").says
    assert "checks: read" in of(found, "acme/till").says
    assert of(found, "webhook").level == "warn"
    assert "https://elsewhere.test/github/webhooks" in of(found, "webhook").fix


def test_a_github_app_is_told_of_a_repository_it_is_not_installed_for_and_of_a_wrong_key(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        absent = of_github(with_app(tmp_path, url, SHIPMATE_REPOSITORIES="acme/nowhere"))
        wrong = of_github(with_app(tmp_path, url, GITHUB_APP_PRIVATE_KEY=new_private_key()))
        other = of_github(with_app(tmp_path, url, GITHUB_APP_INSTALLATION_ID="1"))
    assert of(absent, "acme/nowhere").level == "fail"
    assert levels(wrong)["GITHUB_APP_PRIVATE_KEY"] == "fail"
    assert "GITHUB_APP_INSTALLATION_ID" in of(other, "acme/till").fix


def test_a_github_token_is_checked_repository_by_repository(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        app = {"GITHUB_APP_ID": "", "GITHUB_APP_PRIVATE_KEY": "", "GITHUB_WEBHOOK_SECRET": ""}
        good = of_github(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_doctor"))
        wrong = of_github(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_wrong"))
        guest = of_github(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_guest"))
    fine = dict.fromkeys(["GITHUB_TOKEN", "clock", "acme/till", "CI of acme/till"], "ok")
    assert levels(good) == {**fine, "GITHUB_WEBHOOK_SECRET": "warn"}
    assert of(good, "CI of acme/till").says == "no branch of ours can use a secret"
    assert of(wrong, "GITHUB_TOKEN").level == "fail"
    assert of(guest, "acme/till").level == "fail"


def test_claude_names_a_wrong_key_and_an_unknown_model(tmp_path: Path) -> None:
    with serving(lambda _: claude_app(ClaudeStandInConfig(tmp_path / "claude.sqlite3", api_key="right"))) as url:
        good = of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="right"))
        wrong = of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="wrong"))
        model = of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="right", SHIPMATE_MODEL="gone"))
    assert levels(good) == {"SHIPMATE_MODEL": "ok", "SHIPMATE_TRIAGE_MODEL": "ok"}
    assert levels(wrong) == {"ANTHROPIC_API_KEY": "fail"}
    assert levels(model) == {"SHIPMATE_MODEL": "fail", "SHIPMATE_TRIAGE_MODEL": "ok"}


def test_a_model_that_ends_is_said_before_it_does(tmp_path: Path) -> None:
    async def describe(request: object) -> JSONResponse:
        return JSONResponse({"lifecycle": "deprecated", "retires_at": "2027-01-31"})

    with serving(lambda _: Starlette(routes=[Route("/v1/models/{name}", describe)])) as url:
        found = of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k"))
    assert {finding.level for finding in found} == {"warn"}
    assert "2027-01-31" in found[0].says


def test_every_model_that_may_be_asked_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[tiers.deep]\nmodel = "claude-gone-1"\n')
    with serving(lambda _: claude_app(ClaudeStandInConfig(tmp_path / "claude.sqlite3", api_key="right"))) as url:
        found = of_claude(
            settings(
                tmp_path,
                ANTHROPIC_BASE_URL=url,
                ANTHROPIC_API_KEY="right",
                SHIPMATE_SECOND_MODEL="claude-opus-5",
                SHIPMATE_JUDGE_EFFORT="low",
                SHIPMATE_CONFIG=str(tmp_path / "ours.toml"),
            )
        )
    told = levels(found)
    assert told["[tiers.deep]"] == "fail"
    assert (told["SHIPMATE_SECOND_MODEL"], told["SHIPMATE_JUDGE_MODEL"]) == ("ok", "ok")
    unpriced = [finding.says for finding in found if finding.subject == "[budget] dollars"]
    assert [says.split(":")[0] for says in unpriced] == ["can't be enforced for claude-opus-5"]


def test_an_effort_that_a_model_does_not_take_is_told(tmp_path: Path) -> None:
    async def describe(request: object) -> JSONResponse:
        return JSONResponse({"id": "m", "capabilities": {"effort": {"max": {"supported": False}}}})

    with serving(lambda _: Starlette(routes=[Route("/v1/models/{id}", describe)])) as url:
        found = of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k", SHIPMATE_EFFORT="max"))
    assert ("SHIPMATE_MODEL", "fail") in [(one.subject, one.level) for one in found]


def test_secrets_that_our_branches_can_use_are_named_and_a_warning_where_nobody_is_asked(tmp_path: Path) -> None:
    few = {**APP_PERMISSIONS, "secrets": "read", "environments": "read"}
    config = tmp_path / "shipmate.toml"
    config.write_text('ask_before_ci = "never"\n')
    with serving(github_stand_in(tmp_path, few)) as url:
        desk = GitHubDesk(url)
        desk.secret("acme/till", "NPM_TOKEN", "hush")
        desk.secret("acme/till", "SIGNING_KEY", "hush", of="organization")
        desk.secret("acme/till", "PREVIEW", "hush", of="environment:preview")
        limited = {"protected_branches": True, "custom_branch_policies": False}
        desk.secret("acme/till", "PRODUCTION", "hush", of="environment:production", deployment_branch_policy=limited)
        asked = of_github(with_app(tmp_path, url))
        never = of_github(with_app(tmp_path, url, SHIPMATE_CONFIG=str(config)))
    told = "our branches can use NPM_TOKEN, SIGNING_KEY, PREVIEW; "
    assert of(asked, "CI of acme/till").says == f"{told}a person is asked before risky code runs there"
    assert of(never, "CI of acme/till").level == "warn"
    assert of(never, "CI of acme/till").says == f"{told}nobody is asked before code runs there"
