"""Files of messages: our token goes to Slack alone, and what is not the file is told as such."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from playground.slack.app import create_app
from playground.slack.client import SlackPhone
from playground.slack.config import SCOPES, TILL, SlackStandInConfig
from tests.workers.agent.drawn import png
from tests.workers.agent.serving import served
from workers import GiveUp, TryAgain
from workers.chat import files
from workers.chat.slack import SlackChat

TOKEN = SlackStandInConfig.bot_token


def sent(address: str) -> str:
    SlackPhone(address).upload("ana", TILL.id, "till.png", png(), "@Shipmate like this")
    (message,) = SlackPhone(address).messages(TILL.id)
    return str(message["files"][0]["url_private_download"])


def test_the_bytes_of_a_picture_come_with_the_token(tmp_path: Path) -> None:
    with served(lambda url: create_app(SlackStandInConfig(state_path=tmp_path / "s.db", public_url=url))) as address:
        assert SlackChat(TOKEN, f"{address}/api/").download(sent(address)) == png()


def test_a_page_instead_of_the_file_names_the_scope(tmp_path: Path) -> None:
    scopes = frozenset(one for one in SCOPES if one != "files:read")

    def poor(url: str) -> SlackStandInConfig:
        return SlackStandInConfig(state_path=tmp_path / "s.db", public_url=url, scopes=scopes)

    with served(lambda url: create_app(poor(url))) as address, pytest.raises(GiveUp, match="files:read"):
        SlackChat(TOKEN, f"{address}/api/").download(sent(address))


@pytest.fixture
def odd() -> Iterator[tuple[str, list[str]]]:
    """A server that redirects, floods and fails; with the paths and tokens it saw."""
    seen: list[str] = []

    async def answer(request: Request) -> Response:
        seen.append(f"{request.url.path} {request.headers.get('authorization', '')}")
        if request.url.path == "/away":
            return RedirectResponse("/elsewhere")
        if request.url.path == "/flood":
            return Response(b"\0" * (files.LARGEST + 1), media_type="image/png")
        return PlainTextResponse("later", 503)

    with served(lambda _: Starlette(routes=[Route("/{path:path}", answer)])) as url:
        yield url, seen


def test_a_redirect_is_not_followed(odd: tuple[str, list[str]]) -> None:
    url, seen = odd
    with pytest.raises(GiveUp, match="files:read"):
        SlackChat(TOKEN, f"{url}/api/").download(f"{url}/away")
    assert seen == [f"/away Bearer {TOKEN}"]


def test_a_flood_is_cut_and_a_fault_is_tried_again(odd: tuple[str, list[str]]) -> None:
    url, _ = odd
    with pytest.raises(GiveUp, match="larger than 5 MB"):
        SlackChat(TOKEN, f"{url}/api/").download(f"{url}/flood")
    with pytest.raises(TryAgain):
        SlackChat(TOKEN, f"{url}/api/").download(f"{url}/later")


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://slack.com/a.png", True),
        ("http://files.slack.com/a.png", False),
        ("https://slack.com.evil.example/a.png", False),
        ("https://evilslack.com/a.png", False),
        ("https://user:pass@files.slack.com/a.png", False),
        ("https://files.slack.com:8443/a.png", False),
        ("https://files.slack.com:x/a.png", False),
        ("file:///etc/passwd", False),
        ("https://127.0.0.1/a.png", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_alone(url: str, inside: bool) -> None:
    assert files.belongs(url, "https://slack.com/api/") is inside
    if not inside:
        with pytest.raises(GiveUp, match="doesn't lead to Slack"):
            files.download(url, TOKEN, "https://slack.com/api/", 1)
